// Tests of Interpreter.
