"""Signs taken out of a text by one regular expression: ``translate`` compares each letter with each of fifty signs."""

from importlib import import_module

from django.db import migrations

words = import_module("liaison.apps.search.migrations.0002_words")

STEMS = r"""
    CREATE OR REPLACE FUNCTION search_stems(title text, body text, owner bigint, number bigint) RETURNS tsvector
    LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
        SELECT to_tsvector('liaison_french', regexp_replace(title || ' ' || left(body, 100000),
            '[][@/\\.,;:_+*=(){}<>«»"''’`´%&#°|!?€$~^-]', ' ', 'g'))
            || array_to_tsvector(ARRAY['@o' || owner,
                '@a' || (number >> 12), '@b' || (number >> 15), '@c' || (number >> 18)])
    $$;
"""
FORMER_STEMS = words.STEMS.partition("CREATE FUNCTION search_query")[0].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)


class Migration(migrations.Migration):
    dependencies = [("search", "0003_beginnings")]

    operations = [migrations.RunSQL(STEMS, FORMER_STEMS)]
