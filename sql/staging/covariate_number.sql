{% import 'staging/_code.sql' as code %}{{ code.value(field) }}
