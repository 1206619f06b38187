-- Whoever sets off a function or a trigger, with whatever search path: it finds its tables.
DO $$
DECLARE
    its_own regprocedure;
BEGIN
    FOR its_own IN SELECT oid FROM pg_proc WHERE pronamespace = 'work'::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = work, pg_temp', its_own);
    END LOOP;
END
$$;

-- What deferring, fetching, finishing and letting go of a job take. Its history is written by triggers.
GRANT SELECT, INSERT, UPDATE, DELETE ON work.procrastinate_jobs, work.procrastinate_workers, work.procrastinate_periodic_defers TO zhibo_app;
GRANT SELECT, INSERT ON work.procrastinate_events TO zhibo_app;
GRANT USAGE ON SEQUENCE work.procrastinate_jobs_id_seq, work.procrastinate_periodic_defers_id_seq, work.procrastinate_events_id_seq TO zhibo_app;
