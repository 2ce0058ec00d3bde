-- The rows of a tool's own table, for psql -Atq. Its variables: names, the tables that it may be, and
-- ordering, the columns by which rows are sorted, as far as they are there; each a list with commas.
--
-- First comes {"table":…,"columns":[…]}, with an empty table if none is there; then each row as a
-- JSON object, a line for each.
\set FETCH_COUNT 1000
SELECT coalesce((
    SELECT to_regclass(name)::text
    FROM unnest(string_to_array(:'names', ',')) WITH ORDINALITY AS given (name, place)
    WHERE to_regclass(name) IS NOT NULL
    ORDER BY place
    LIMIT 1
), '') AS found \gset
SELECT found <> '' AS isthere, coalesce((
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY place)
    FROM unnest(string_to_array(:'ordering', ',')) WITH ORDINALITY AS given (name, place)
    JOIN pg_attribute ON attname = name
    WHERE attrelid = to_regclass(nullif(found, '')) AND attnum > 0 AND NOT attisdropped
), '1') AS ordering
FROM (SELECT :'found' AS found) AS one \gset
SELECT json_build_object(
    'table', :'found',
    'columns', coalesce((
        SELECT json_agg(attname ORDER BY attnum)
        FROM pg_attribute
        WHERE attrelid = to_regclass(nullif(:'found', '')) AND attnum > 0 AND NOT attisdropped
    ), '[]'));
\if :isthere
SELECT row_to_json(t) FROM (SELECT * FROM :found ORDER BY :ordering) AS t;
\endif
