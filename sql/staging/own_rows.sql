-- One row: how many rows of the file are those of the wave.
SELECT count(*) FROM {{ table | ident }}
{% include "staging/_of_wave.sql" %}
;
