-- What became of the rows of a file, counted where they lie: in the coded table, not from the record. Grain: one row.
{% import 'staging/_expressions.sql' as x %}
SELECT
    (SELECT count(*) FROM staging.{{ part.base | ident }}),
    (SELECT count(*) FROM staging.{{ part.base | ident }} AS b WHERE {{ x.standing(part, 'b') }}),
    (SELECT count(*) FROM staging.fate WHERE source_id = $source_id),
    (SELECT count(DISTINCT row_number) FROM staging.fate WHERE source_id = $source_id),
    (SELECT count(*) FROM staging.fate AS f WHERE f.source_id = $source_id
        AND f.row_number IN (SELECT row_number FROM staging.{{ part.base | ident }}));
