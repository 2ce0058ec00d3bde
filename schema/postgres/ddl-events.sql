-- Records every change of this database's schema as it commits, for `ledger import ddl-events`. Run
-- it once in each database as a superuser; running it again brings it up to date and keeps the rows.
--
-- A row is written by the transaction that makes the change: if that is rolled back, so is the row.
-- A change is never refused because it can't be recorded: a warning says so. Roles, databases and
-- tablespaces are no part of a database, and PostgreSQL tells no event trigger of them.
BEGIN;
DROP EVENT TRIGGER IF EXISTS ledger_ddl_end;
DROP EVENT TRIGGER IF EXISTS ledger_ddl_drop;
CREATE TABLE IF NOT EXISTS public.ledger_ddl_events (
    id bigserial PRIMARY KEY,
    -- Tells the change from all others of all databases.
    event text NOT NULL,
    executed_at timestamptz NOT NULL,
    transaction_id bigint NOT NULL,
    tag text NOT NULL,
    objects text,
    session_role text NOT NULL,
    application text,
    client text,
    statement text
);
REVOKE ALL ON public.ledger_ddl_events FROM PUBLIC;
CREATE OR REPLACE FUNCTION public.ledger_record_ddl() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $ledger$
DECLARE
    changed text;
    isown boolean;
BEGIN
    IF tg_event = 'sql_drop' THEN
        -- A column that an ALTER TABLE drops is of that ALTER TABLE.
        IF tg_tag NOT LIKE 'DROP %' THEN RETURN; END IF;
        SELECT string_agg(object_type || ' ' || object_identity, ', ') FILTER (WHERE original),
            bool_and(is_temporary)
        INTO changed, isown FROM pg_event_trigger_dropped_objects();
    ELSE
        IF tg_tag LIKE 'DROP %' THEN RETURN; END IF;
        SELECT string_agg(object_type || ' ' || object_identity, ', '),
            bool_and(coalesce(schema_name, '') = 'pg_temp')
        INTO changed, isown FROM pg_event_trigger_ddl_commands();
    END IF;
    -- Temporary objects are of their session alone.
    IF isown THEN RETURN; END IF;
    INSERT INTO public.ledger_ddl_events
        (event, executed_at, transaction_id, tag, objects, session_role, application, client,
            statement)
    VALUES (
        md5(random()::text || clock_timestamp()::text || txid_current()::text || random()::text),
        clock_timestamp(), txid_current(), tg_tag, changed, session_user,
        current_setting('application_name', true), host(inet_client_addr()), current_query());
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'ledger_ddl_events: % was not recorded: %', tg_tag, SQLERRM;
END
$ledger$;
CREATE EVENT TRIGGER ledger_ddl_end ON ddl_command_end EXECUTE PROCEDURE public.ledger_record_ddl();
CREATE EVENT TRIGGER ledger_ddl_drop ON sql_drop EXECUTE PROCEDURE public.ledger_record_ddl();
COMMIT;
