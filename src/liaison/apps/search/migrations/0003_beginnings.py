"""Two ways of looking that cost too much, each found by measuring at a million letters.

A beginning: PostgreSQL gathers every letter that holds a word of that beginning before it looks at anything else, and
again at each step back in time. So the beginning of the word as typed is left out where that of its stem covers it,
and what has a beginning takes three steps back instead of four.

The owners: the letters of twenty sites, asked of the index, are put together one by one even when they are all there
are. So they are asked of it only when they are few among the newest, and otherwise looked at on the rows found. The
newest rows of each owner, looked at first, tell both that and whether there is anything older at all.

The sum in ``ORDER BY`` keeps PostgreSQL from walking every row in the order of its key when a word seems frequent.
"""

from importlib import import_module

from django.db import migrations

words = import_module("liaison.apps.search.migrations.0002_words")

QUERY = r"""
    CREATE OR REPLACE FUNCTION search_query(phrases text[], whole text, beginning text) RETURNS tsquery
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
    DECLARE
        phrase text;
        written text := translate(unaccent(beginning), '''\\', '  ');
        stem tsquery;
        asked tsquery := plainto_tsquery('liaison_french', whole);
    BEGIN
        FOREACH phrase IN ARRAY phrases LOOP
            asked := asked && phraseto_tsquery('liaison_french', phrase);
        END LOOP;
        IF beginning <> '' THEN
            stem := to_tsquery('liaison_french', format('''%s'':*', beginning));
            IF numnode(stem) = 1 AND starts_with(written, trim(both '''' FROM split_part(stem::text, ':', 1))) THEN
                RETURN asked && stem;
            END IF;
            asked := asked && (stem || to_tsquery('simple', format('''%s'':*', written)));
        END IF;
        RETURN asked;
    END $$;
"""
FORMER_QUERY = "CREATE OR REPLACE FUNCTION search_query" + words.STEMS.split("CREATE FUNCTION search_query")[1].split(
    "CREATE FUNCTION search_scope"
)[0]
LOOK = """
    CREATE OR REPLACE FUNCTION {name}(asked tsquery, owners bigint[], others bigint[], most integer) RETURNS bigint[]
    LANGUAGE plpgsql SET search_path FROM CURRENT
    SET enable_seqscan = off SET jit = off SET work_mem = '64MB' AS $$
    DECLARE
        newest bigint;
        oldest bigint;
        looked integer;
        shift text;
        blocks text;
        within tsquery := '';
        found bigint[] := '{{}}';
    BEGIN
        PERFORM set_config('liaison.searching', 'on', true);
        EXECUTE $newest$
            WITH mine AS MATERIALIZED (
                SELECT owner, n.id FROM unnest($2) owner CROSS JOIN LATERAL (
                    SELECT {key} AS id FROM {table} WHERE {owner} = owner ORDER BY {key} DESC LIMIT $5) n
            ), reached AS (
                SELECT coalesce(max(oldest), 0) AS oldest FROM (
                    SELECT min(id) AS oldest FROM mine GROUP BY owner HAVING count(*) >= $5) whole
            )
            SELECT array(SELECT i.{key} FROM mine JOIN {table} i ON i.{key} = mine.id
                    WHERE mine.id >= reached.oldest AND i.words @@ $1 AND {wall} AND {seen}
                    ORDER BY 1 DESC LIMIT $4),
                reached.oldest, (SELECT count(*) FROM mine WHERE mine.id >= reached.oldest) FROM reached
        $newest$ INTO found, oldest, looked
            USING asked, owners, others, most, greatest(400 / greatest(cardinality(owners), 1), 1);
        SELECT max({key}) INTO newest FROM {table};
        IF looked < (newest - oldest) / 8 AND cardinality(owners) <= 64 THEN
            SELECT coalesce(string_agg('''@o' || owner || '''', '|'), '')::tsquery INTO within FROM unnest(owners) owner;
        END IF;
        FOREACH shift IN ARRAY ARRAY['a12', 'b15', 'c18', ''] LOOP
            EXIT WHEN cardinality(found) >= most OR oldest = 0 OR newest IS NULL;
            CONTINUE WHEN shift = 'c18' AND asked::text LIKE '%:*%';
            blocks := CASE WHEN shift = '' THEN '' ELSE format('''@%1$s%2$s'' | ''@%1$s%3$s''',
                left(shift, 1), newest >> substr(shift, 2)::integer, (newest >> substr(shift, 2)::integer) - 1) END;
            EXECUTE $look$
                SELECT array(SELECT i.{key} FROM (
                        SELECT * FROM {table} WHERE words @@ $1 ORDER BY {key} + 0 DESC OFFSET 0) i
                    WHERE i.{owner} = ANY ($2) AND {wall} AND {seen} ORDER BY 1 DESC LIMIT $4)
            $look$ INTO found USING asked && within && blocks::tsquery, owners, others, most;
        END LOOP;
        PERFORM set_config('liaison.searching', '', true);
        RETURN found;
    END $$;
"""
LOOK_DOCUMENTS = LOOK.format(
    name="search_documents",
    table="search_indexeddocument",
    key="document_id",
    owner="site_id",
    wall=words.WALL,
    seen=words.FILED,
)
LOOK_MESSAGES = LOOK.format(
    name="search_messages",
    table="search_indexedmessage",
    key="message_id",
    owner="mailbox_id",
    wall=words.WALL,
    seen="$3 IS NOT NULL",
)


def _replacing(function: str) -> str:
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("search", "0002_words")]

    operations = [
        migrations.RunSQL(QUERY, FORMER_QUERY),
        migrations.RunSQL(LOOK_DOCUMENTS, _replacing(words.LOOK_DOCUMENTS)),
        migrations.RunSQL(LOOK_MESSAGES, _replacing(words.LOOK_MESSAGES)),
    ]
