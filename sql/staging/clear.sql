-- Empties what the ingest step fills, before it fills it again.
DELETE FROM source_column WHERE source_id IN (SELECT source_id FROM source_file WHERE kind = 'survey');
DELETE FROM problem WHERE source_id IS NULL OR source_id IN (SELECT source_id FROM source_file WHERE kind = 'survey');
DELETE FROM source_file WHERE kind = 'survey';
DELETE FROM blocked_scale;
DELETE FROM flagged_answer;
DELETE FROM withdrawn_participant;
