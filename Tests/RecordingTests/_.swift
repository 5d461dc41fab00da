// Tests of Recording.
