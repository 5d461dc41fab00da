// Tests of Transforms.
