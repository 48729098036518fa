-- Empties the tables of the notes step, and takes its files and their problems out of the shared ones.
DELETE FROM code;
DELETE FROM code_version;
DELETE FROM code_mapping;
DELETE FROM note_case;
DELETE FROM note_variable;
DELETE FROM memo;
DELETE FROM document;
DELETE FROM roster;
DELETE FROM guide;
DELETE FROM segment;
DELETE FROM coding;
DELETE FROM segment_coder;
DELETE FROM coding_decision;
DELETE FROM segment_code;
DELETE FROM interviewed;
DELETE FROM participant_code;
DELETE FROM problem WHERE source_id IN (SELECT source_id FROM source_file WHERE kind IN (SELECT unnest($kinds)));
DELETE FROM source_file WHERE kind IN (SELECT unnest($kinds));
