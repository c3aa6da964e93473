/**
 * Fills the columns and tables that came with verdicts, revisions and refreshes for the cases that are stored already, from
 * their domain events: the read model is then as a rebuilt one.
 */
export const fillStoredCases = `
  update upload_view u set target_language = e.data->>'targetLanguage'
    from domain_event e
    where e.stream_id = u.case_id and e.type = 'UploadReceived' and e.data->>'uploadId' = u.id::text;
  update upload_view u set document_type = e.data->>'documentType'
    from domain_event e
    where e.stream_id = u.case_id and e.type = 'StageCompleted' and e.data->>'stage' = 'classification'
      and e.data->>'uploadId' = u.id::text;
  update run_view r set requested_at = (e.data->>'requestedAt')::timestamptz
    from domain_event e
    where e.stream_id = r.case_id and e.type = 'StageRequested' and e.data->>'runId' = r.id::text;
  -- The runs of a deleted case are not awaited.
  update run_view r set status = 'canceled'
    from case_view c where c.id = r.case_id and c.status = 'deleted' and r.status = 'processing';
  insert into extraction_version_view (upload_id, version, case_id, cause, run_id, created_at)
    select upload_id, 1, case_id, 'run', id, finished_at from run_view
    where stage = 'extraction' and status = 'completed';
  update upload_view u set extraction_version = 1
    from extraction_version_view e where e.upload_id = u.id;`;
