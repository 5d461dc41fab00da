// Tests of the report.
