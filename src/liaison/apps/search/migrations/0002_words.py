"""How words become stems, the triggers that keep them, the wall around them, and the two functions that look.

PostgreSQL uses no GIN index behind a row policy, ``@@`` not being leakproof. So the policy of these two tables gives
way while one of the two functions below runs, and each of them applies the same wall itself, from the same session
setting. ADR 0015 says what else was weighed.

The numbers beside a row's stems (``@o``: the site or mailbox it belongs to; ``@a``, ``@b``, ``@c``: the blocks of
4,096, 32,768 and 262,144 numbers it is in) let one look at the newest first, block after block, and stop when enough
is found: a word that half of a million letters contain costs no more than a rare one. No text can contain them: signs
are taken out before it is cut into words.
"""

from django.db import migrations

from liaison.apps.organisations.row_security import protect_searched

CONFIGURATION = """
    CREATE TEXT SEARCH CONFIGURATION liaison_french (COPY = pg_catalog.french);
    ALTER TEXT SEARCH CONFIGURATION liaison_french
        ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part WITH unaccent, french_stem;
"""
STEMS = r"""
    CREATE FUNCTION search_stems(title text, body text, owner bigint, number bigint) RETURNS tsvector
    LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
        SELECT to_tsvector('liaison_french', translate(title || ' ' || left(body, 100000),
            '@/\.,;:_-+*=()[]{}<>«»"''’`´%&#°|!?€$~^', repeat(' ', 50)))
            || array_to_tsvector(ARRAY['@o' || owner,
                '@a' || (number >> 12), '@b' || (number >> 15), '@c' || (number >> 18)])
    $$;
    CREATE FUNCTION search_query(phrases text[], whole text, beginning text) RETURNS tsquery
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
    DECLARE
        phrase text;
        asked tsquery := plainto_tsquery('liaison_french', whole);
    BEGIN
        FOREACH phrase IN ARRAY phrases LOOP
            asked := asked && phraseto_tsquery('liaison_french', phrase);
        END LOOP;
        IF beginning <> '' THEN
            asked := asked && (to_tsquery('liaison_french', format('''%s'':*', beginning))
                || to_tsquery('simple', format('''%s'':*', translate(unaccent(beginning), '''\\', '  '))));
        END IF;
        RETURN asked;
    END $$;
    CREATE FUNCTION search_scope() RETURNS bigint[] LANGUAGE sql STABLE AS $$
        SELECT CASE WHEN current_setting('liaison.sites', true) = '*' THEN NULL
            ELSE coalesce(string_to_array(nullif(current_setting('liaison.sites', true), ''), ',')::bigint[], '{}') END
    $$;
"""
NO_STEMS = """
    DROP FUNCTION search_scope();
    DROP FUNCTION search_query(text[], text, text);
    DROP FUNCTION search_stems(text, text, bigint, bigint);
"""
KEEP_DOCUMENTS = """
    INSERT INTO search_indexeddocument (document_id, site_id, mailbox_id, words)
    SELECT d.id, d.site_id, m.mailbox_id, search_stems(
        concat_ws(' ', d.title, d.type_label, d.custodian), d.text, d.site_id, d.id)
    FROM {rows} JOIN intake_rawmessage m ON m.id = d.message_id
    ON CONFLICT (document_id) DO UPDATE
        SET site_id = excluded.site_id, mailbox_id = excluded.mailbox_id, words = excluded.words;
"""
KEEP_MESSAGES = """
    INSERT INTO search_indexedmessage (message_id, site_id, mailbox_id, words)
    SELECT m.id, m.site_id, m.mailbox_id, search_stems(
        concat_ws(' ', m.subject, m.sender_label, m.sender), m.body, m.mailbox_id, m.id)
    FROM {rows}
    ON CONFLICT (message_id) DO UPDATE
        SET site_id = excluded.site_id, mailbox_id = excluded.mailbox_id, words = excluded.words;
"""
TRIGGERS = f"""
    CREATE FUNCTION search_keep_document() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN {KEEP_DOCUMENTS.format(rows="(SELECT (NEW).*) d")} RETURN NULL; END $$;
    CREATE TRIGGER keep_words AFTER INSERT ON intake_document
        FOR EACH ROW EXECUTE FUNCTION search_keep_document();
    CREATE TRIGGER keep_words_changed AFTER UPDATE OF title, type_label, custodian, text, site_id ON intake_document
        FOR EACH ROW WHEN ((OLD.title, OLD.type_label, OLD.custodian, OLD.text, OLD.site_id)
            IS DISTINCT FROM (NEW.title, NEW.type_label, NEW.custodian, NEW.text, NEW.site_id))
        EXECUTE FUNCTION search_keep_document();
    CREATE FUNCTION search_keep_message() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN {KEEP_MESSAGES.format(rows="(SELECT (NEW).*) m")} RETURN NULL; END $$;
    CREATE TRIGGER keep_words AFTER UPDATE OF subject, sender_label, sender, body, site_id, mailbox_id
        ON intake_rawmessage
        FOR EACH ROW WHEN ((OLD.subject, OLD.sender_label, OLD.sender, OLD.body, OLD.site_id, OLD.mailbox_id)
            IS DISTINCT FROM (NEW.subject, NEW.sender_label, NEW.sender, NEW.body, NEW.site_id, NEW.mailbox_id))
        EXECUTE FUNCTION search_keep_message();
"""
NO_TRIGGERS = """
    DROP TRIGGER keep_words ON intake_rawmessage;
    DROP FUNCTION search_keep_message();
    DROP TRIGGER keep_words_changed ON intake_document;
    DROP TRIGGER keep_words ON intake_document;
    DROP FUNCTION search_keep_document();
"""
WHAT_IS_THERE = (
    KEEP_DOCUMENTS.format(rows="intake_document d")
    + KEEP_MESSAGES.format(rows="(SELECT * FROM intake_rawmessage WHERE state = 'read') m")
)

LOOK = """
    CREATE FUNCTION {name}(asked tsquery, owners bigint[], others bigint[], most integer) RETURNS bigint[]
    LANGUAGE plpgsql SET search_path FROM CURRENT
    SET enable_seqscan = off SET jit = off SET work_mem = '64MB' AS $$
    DECLARE
        newest bigint;
        shift text;
        blocks text;
        within tsquery;
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
            SELECT array(SELECT i.{key} FROM mine JOIN {table} i ON i.{key} = mine.id, reached
                WHERE mine.id >= reached.oldest AND i.words @@ $1 AND {wall} AND {seen}
                ORDER BY 1 DESC LIMIT $4)
        $newest$ INTO found USING asked, owners, others, most, greatest(400 / greatest(cardinality(owners), 1), 1);
        SELECT max({key}) INTO newest FROM {table};
        within := CASE WHEN cardinality(owners) > 64 THEN ''
            ELSE (SELECT coalesce(string_agg('''@o' || owner || '''', '|'), '') FROM unnest(owners) owner) END::tsquery;
        FOREACH shift IN ARRAY ARRAY['a12', 'b15', 'c18', ''] LOOP
            EXIT WHEN cardinality(found) >= most OR cardinality(owners) = 0 OR newest IS NULL;
            blocks := CASE WHEN shift = '' THEN '' ELSE format('''@%1$s%2$s'' | ''@%1$s%3$s''',
                left(shift, 1), newest >> substr(shift, 2)::integer, (newest >> substr(shift, 2)::integer) - 1) END;
            EXECUTE $look$
                SELECT array(SELECT i.{key} FROM (
                        SELECT * FROM {table} WHERE words @@ $1 ORDER BY {key} DESC OFFSET 0) i
                    WHERE i.{owner} = ANY ($2) AND {wall} AND {seen} ORDER BY 1 DESC LIMIT $4)
            $look$ INTO found USING asked && within && blocks::tsquery, owners, others, most;
        END LOOP;
        PERFORM set_config('liaison.searching', '', true);
        RETURN found;
    END $$;
"""
WALL = "(search_scope() IS NULL OR i.site_id = ANY (search_scope()))"
FILED = """(i.mailbox_id = ANY ($3) OR EXISTS (
                    SELECT 1 FROM filing_filing f JOIN residents_resident r ON r.id = f.resident_id
                    WHERE f.document_id = i.document_id AND f.withdrawn_at IS NULL
                        AND r.merged_into_id IS NULL AND r.site_id = ANY ($2)))"""
LOOK_DOCUMENTS = LOOK.format(
    name="search_documents",
    table="search_indexeddocument",
    key="document_id",
    owner="site_id",
    wall=WALL,
    seen=FILED,
)
LOOK_MESSAGES = LOOK.format(
    name="search_messages",
    table="search_indexedmessage",
    key="message_id",
    owner="mailbox_id",
    wall=WALL,
    seen="$3 IS NOT NULL",
)
NO_LOOK = "DROP FUNCTION {}(tsquery, bigint[], bigint[], integer);"


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial"), ("operations", "0001_walls"), ("filing", "0003_initial")]

    operations = [
        migrations.RunSQL(CONFIGURATION, "DROP TEXT SEARCH CONFIGURATION liaison_french;"),
        migrations.RunSQL(STEMS, NO_STEMS),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
        migrations.RunSQL(WHAT_IS_THERE, migrations.RunSQL.noop),
        *protect_searched("search_indexeddocument", "search_indexedmessage"),
        migrations.RunSQL(LOOK_DOCUMENTS, NO_LOOK.format("search_documents")),
        migrations.RunSQL(LOOK_MESSAGES, NO_LOOK.format("search_messages")),
    ]
