// Tests of the commands.
