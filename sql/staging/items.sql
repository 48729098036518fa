-- The names of the items in a long file, in the order in which they first appear.
SELECT {{ item | ident }} FROM {{ view | ident }} WHERE {{ item | ident }} IS NOT NULL GROUP BY 1 ORDER BY min(row_number);
