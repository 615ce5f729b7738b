"""A beginning is looked for once where once is enough.

PostgreSQL gathers every letter that holds a word of that beginning before it looks at anything else, and again at each
step back in time. So the beginning of the word as typed is left out where that of its stem covers it, and what has a
beginning takes two steps back instead of four.
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
STEPS = "ARRAY['a12', 'b15', 'c18', '']"
FEWER_STEPS = f"CASE WHEN asked::text LIKE '%:*%' THEN ARRAY['a12', ''] ELSE {STEPS} END"


def _replacing(function: str) -> str:
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


def _fewer(function: str) -> str:
    return _replacing(function).replace(STEPS, FEWER_STEPS)


class Migration(migrations.Migration):
    dependencies = [("search", "0002_words")]

    operations = [
        migrations.RunSQL(QUERY, FORMER_QUERY),
        migrations.RunSQL(_fewer(words.LOOK_DOCUMENTS), _replacing(words.LOOK_DOCUMENTS)),
        migrations.RunSQL(_fewer(words.LOOK_MESSAGES), _replacing(words.LOOK_MESSAGES)),
    ]
