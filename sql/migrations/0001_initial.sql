-- The working database. Wide tables whose columns depend on the study (answers and scores, one a wave, and
-- participant) are made by the steps that fill them; everything of fixed shape is here.

CREATE SCHEMA answer;   -- one table a wave: a row a person, a column an item
CREATE SCHEMA staging;  -- files as coded rows, from which answers are read; remade by the ingest step
CREATE SCHEMA panel;    -- one table a wave: a row a person, scores; and score_wide over all waves

-- Why there is no answer: study.MissingReason, and 'quarantined' where one was given that a rule holds back.
CREATE TYPE missing_reason AS ENUM ('not_applicable', 'dont_know', 'refused', 'not_asked', 'skipped', 'quarantined');

-- A file as it was handed in, per wave that reads it.
CREATE TABLE source_file (
    source_id    VARCHAR PRIMARY KEY,   -- <wave>__<first 16 hex digits of the SHA-256>
    sha256       VARCHAR NOT NULL,
    name         VARCHAR NOT NULL,      -- path relative to the study folder
    kind         VARCHAR NOT NULL,      -- survey, codebook, segments, guide, roster, documents, transcript
    format       VARCHAR NOT NULL,
    wave         VARCHAR,
    status       VARCHAR NOT NULL CHECK (status IN ('imported', 'refused', 'superseded', 'withdrawn')),
    rows_in      BIGINT NOT NULL,
    accepted     BIGINT NOT NULL,
    quarantined  BIGINT NOT NULL,
    duplicates   BIGINT NOT NULL,
    blank        BIGINT NOT NULL,
    withdrawn    BIGINT NOT NULL,
    header_row   BIGINT,                -- row of the file that holds the column names
    received_at  TIMESTAMPTZ NOT NULL
);

-- A column of a source file and what it was taken for.
CREATE TABLE source_column (
    source_id    VARCHAR NOT NULL,
    position     INTEGER NOT NULL,      -- from 1
    name         VARCHAR NOT NULL,      -- as in the file
    label        VARCHAR,               -- variable label, where the format has one
    role         VARCHAR NOT NULL,      -- id, item, covariate, group, date, consent, platform, ignored, unknown
    target       VARCHAR                -- the study's name for it
);

-- Everything that a rule of the catalogue had to say. The value found is shown by check and quarantine alone.
CREATE TABLE problem (
    problem_id   VARCHAR NOT NULL,      -- stable over runs: hash of source, row, column and rule
    source_id    VARCHAR,
    name         VARCHAR,               -- file
    wave         VARCHAR,
    row_number   BIGINT,                -- as a spreadsheet counts: the header's row included
    column_name  VARCHAR,
    rule         VARCHAR NOT NULL,
    severity     VARCHAR NOT NULL CHECK (severity IN ('refuse', 'block', 'quarantine', 'warn')),
    scope        VARCHAR NOT NULL CHECK (scope IN ('file', 'scale', 'row', 'cell', 'column', 'study')),
    scale        VARCHAR,
    found        VARCHAR,
    message      VARCHAR NOT NULL,      -- what is wrong, without the value
    expected     VARCHAR NOT NULL,
    fix          VARCHAR NOT NULL,
    suggestion   VARCHAR,               -- a proposal, never applied by itself; holds values, so it stays inside
    status       VARCHAR NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'released', 'corrected'))
);

-- A scale that may not be used in a wave, and why.
CREATE TABLE blocked_scale (
    scale   VARCHAR NOT NULL,
    wave    VARCHAR NOT NULL,
    rule    VARCHAR NOT NULL,
    reason  VARCHAR NOT NULL
);

-- People flagged for sensitivity analyses only (straight-lining, identical answer rows).
CREATE TABLE flagged_answer (
    participant_id VARCHAR NOT NULL,
    wave           VARCHAR NOT NULL,
    rule           VARCHAR NOT NULL
);

-- Whether change between two waves of a scale may be computed.
CREATE TABLE comparability (
    scale       VARCHAR NOT NULL,
    wave_from   VARCHAR NOT NULL,
    wave_to     VARCHAR NOT NULL,
    comparable  BOOLEAN NOT NULL,
    reason      VARCHAR,
    PRIMARY KEY (scale, wave_from, wave_to)
);

-- Internal consistency of a scale in a wave.
CREATE TABLE reliability (
    scale       VARCHAR NOT NULL,
    wave        VARCHAR NOT NULL,
    population  VARCHAR NOT NULL,
    coefficient VARCHAR NOT NULL,       -- alpha, omega, spearman_brown
    value       DOUBLE,
    ci_low      DOUBLE,
    ci_high     DOUBLE,
    n           BIGINT NOT NULL,
    n_items     INTEGER NOT NULL,
    declined    VARCHAR                 -- why there is no value
);

-- The mean of a scale in a wave: observed, or estimated by a model.
CREATE TABLE wave_mean (
    scale       VARCHAR NOT NULL,
    wave        VARCHAR NOT NULL,
    population  VARCHAR NOT NULL,       -- a group's id
    method      VARCHAR NOT NULL,       -- observed, mixed_model
    n           BIGINT NOT NULL,
    mean        DOUBLE,                 -- POMP
    sd          DOUBLE,
    ci_low      DOUBLE,
    ci_high     DOUBLE
);

-- A question and its answer by the primary method.
CREATE TABLE finding (
    finding_id     VARCHAR PRIMARY KEY,
    design         VARCHAR NOT NULL,
    family         VARCHAR,
    outcome        VARCHAR NOT NULL,
    predictor      VARCHAR,
    contrast       VARCHAR,
    population     VARCHAR NOT NULL,
    estimand       VARCHAR NOT NULL,
    n_start        BIGINT,
    n              BIGINT,
    estimate       DOUBLE,
    std_error      DOUBLE,
    df             DOUBLE,
    df_method      VARCHAR,
    statistic      DOUBLE,
    p_value        DOUBLE,
    p_adjusted     DOUBLE,
    ci_low         DOUBLE,
    ci_high        DOUBLE,
    effect_name    VARCHAR,
    effect_size    DOUBLE,
    effect_ci_low  DOUBLE,
    effect_ci_high DOUBLE,
    method         VARCHAR NOT NULL,
    verdict        VARCHAR,
    certainty      VARCHAR,
    exploratory    BOOLEAN NOT NULL,
    sentence       VARCHAR,
    mean_from      DOUBLE,              -- POMP, of the people in the estimate
    mean_to        DOUBLE,
    n_fell         BIGINT,              -- any fall
    n_rose         BIGINT,
    n_fell_reliably BIGINT,             -- more than measurement error would explain
    n_rose_reliably BIGINT,
    declined       VARCHAR,             -- why nothing was estimated
    note           VARCHAR              -- what was dropped, what a reader must know
);

-- A finding by one method.
CREATE TABLE estimate (
    finding_id     VARCHAR NOT NULL,
    estimate_id    VARCHAR PRIMARY KEY, -- <finding_id>/<method>
    role           VARCHAR NOT NULL CHECK (role IN ('primary', 'secondary', 'sensitivity', 'check')),
    method         VARCHAR NOT NULL,
    n              BIGINT,
    estimate       DOUBLE,
    std_error      DOUBLE,
    df             DOUBLE,
    df_method      VARCHAR,
    statistic_name VARCHAR,             -- t, z, W, r
    statistic      DOUBLE,
    p_value        DOUBLE,
    ci_low         DOUBLE,
    ci_high        DOUBLE,
    ci_level       DOUBLE,
    effect_name    VARCHAR,
    effect_size    DOUBLE,
    effect_ci_low  DOUBLE,
    effect_ci_high DOUBLE,
    verdict        VARCHAR,
    declined       VARCHAR,
    note           VARCHAR
);

-- Mean change of an outcome at places of a condition: the simple slopes of a finding on moderation.
CREATE TABLE simple_slope (
    finding_id   VARCHAR NOT NULL,
    place        VARCHAR NOT NULL CHECK (place IN ('minus_1_sd', 'mean', 'plus_1_sd', 'boundary')),
    condition    DOUBLE NOT NULL,       -- POMP
    within_range BOOLEAN NOT NULL,      -- whether anybody's condition reaches there
    change       DOUBLE,                -- POMP points
    std_error    DOUBLE,
    df           DOUBLE,
    ci_low       DOUBLE,
    ci_high      DOUBLE,
    p_value      DOUBLE
);

-- How far two groups lie apart at the start, variable by variable; no question, so no finding.
CREATE TABLE balance (
    comparison     VARCHAR NOT NULL CHECK (comparison IN ('selection', 'retention')),
    contrast       VARCHAR NOT NULL,    -- the wave compared at (selection); first wave and wave stayed to (retention)
    population     VARCHAR NOT NULL,
    reference      VARCHAR NOT NULL,    -- the other group's id; 'left' in retention
    variable       VARCHAR NOT NULL,    -- scale or covariate
    level          VARCHAR,             -- a category's value; null for numbers
    weighting      VARCHAR NOT NULL CHECK (weighting IN ('none', 'odds')),
    n              DOUBLE NOT NULL,     -- effective numbers where weighted
    n_reference    DOUBLE NOT NULL,
    mean           DOUBLE,              -- POMP of a scale, share (0 to 1) of a level
    mean_reference DOUBLE,
    sd             DOUBLE,
    sd_reference   DOUBLE,
    smd            DOUBLE,
    ci_low         DOUBLE,
    ci_high        DOUBLE,
    variance_ratio DOUBLE,
    declined       VARCHAR
);

-- Our mixed model and statsmodels' on the same rows; filled where a run is asked for a cross-check.
CREATE TABLE cross_check (
    scale               VARCHAR NOT NULL,
    population          VARCHAR NOT NULL,
    contrast            VARCHAR NOT NULL,
    model               VARCHAR NOT NULL,   -- mixedlm, mixedlm_adjusted
    n                   BIGINT NOT NULL,
    estimate            DOUBLE,             -- POMP points
    estimate_theirs     DOUBLE,
    estimate_difference DOUBLE,             -- theirs less ours
    std_error           DOUBLE,             -- without small-sample adjustment
    std_error_theirs    DOUBLE,
    std_error_ratio     DOUBLE,             -- theirs over ours
    loglik              DOUBLE,             -- restricted
    loglik_theirs       DOUBLE,
    loglik_difference   DOUBLE,             -- theirs less ours
    agrees              BOOLEAN,
    declined            VARCHAR,
    PRIMARY KEY (scale, population, contrast, model)
);

-- Change of a single item between two waves.
CREATE TABLE item_change (
    scale                  VARCHAR NOT NULL,
    item                   VARCHAR NOT NULL,
    population             VARCHAR NOT NULL,
    wave_from              VARCHAR NOT NULL,
    wave_to                VARCHAR NOT NULL,
    n                      BIGINT NOT NULL,
    mean_from              DOUBLE,
    mean_to                DOUBLE,
    change                 DOUBLE,
    std_error              DOUBLE,
    ci_low                 DOUBLE,
    ci_high                DOUBLE,
    p_value                DOUBLE,
    p_adjusted             DOUBLE,
    change_of_others       DOUBLE,
    from_others            DOUBLE,
    from_others_ci_low     DOUBLE,
    from_others_ci_high    DOUBLE,
    from_others_p          DOUBLE,
    from_others_p_adjusted DOUBLE,
    declined               VARCHAR
);

-- People at the ends of a scale.
CREATE TABLE scale_end (
    scale      VARCHAR NOT NULL,
    wave       VARCHAR NOT NULL,
    population VARCHAR NOT NULL,
    n          BIGINT NOT NULL,
    n_lowest   BIGINT NOT NULL,
    n_highest  BIGINT NOT NULL,
    flagged    BOOLEAN NOT NULL
);

-- How change goes with the level at the start.
CREATE TABLE starting_level (
    scale       VARCHAR NOT NULL,
    population  VARCHAR NOT NULL,
    wave_from   VARCHAR NOT NULL,
    wave_to     VARCHAR NOT NULL,
    method      VARCHAR NOT NULL,
    n           BIGINT NOT NULL,
    estimate    DOUBLE,
    std_error   DOUBLE,
    ci_low      DOUBLE,
    ci_high     DOUBLE,
    p_value     DOUBLE,
    reliability DOUBLE,
    declined    VARCHAR
);

-- People who changed by more than measurement error would explain.
CREATE TABLE reliable_change (
    scale          VARCHAR NOT NULL,
    population     VARCHAR NOT NULL,
    wave_from      VARCHAR NOT NULL,
    wave_to        VARCHAR NOT NULL,
    method         VARCHAR NOT NULL,
    standard_error DOUBLE NOT NULL,
    criterion      DOUBLE NOT NULL,
    n              BIGINT NOT NULL,
    n_fell         BIGINT NOT NULL,
    n_rose         BIGINT NOT NULL
);

-- How alike the changes of people of one team are.
CREATE TABLE team_likeness (
    scale         VARCHAR NOT NULL,
    population    VARCHAR NOT NULL,
    wave_from     VARCHAR NOT NULL,
    wave_to       VARCHAR NOT NULL,
    n             BIGINT NOT NULL,
    n_teams       BIGINT,
    mean_size     DOUBLE,
    icc           DOUBLE,
    ci_low        DOUBLE,
    ci_high       DOUBLE,
    design_effect DOUBLE,
    declined      VARCHAR
);

-- Whether a scale measures the same at every wave.
CREATE TABLE invariance (
    scale         VARCHAR NOT NULL,
    population    VARCHAR NOT NULL,
    waves         VARCHAR NOT NULL,
    model         VARCHAR NOT NULL,
    n             BIGINT NOT NULL,
    n_items       INTEGER NOT NULL,
    grade         VARCHAR,
    few_steps     BOOLEAN NOT NULL,
    chi2          DOUBLE,
    df            INTEGER,
    p_value       DOUBLE,
    cfi           DOUBLE,
    rmsea         DOUBLE,
    rmsea_ci_low  DOUBLE,
    rmsea_ci_high DOUBLE,
    srmr          DOUBLE,
    delta_chi2    DOUBLE,
    delta_df      INTEGER,
    delta_p       DOUBLE,
    delta_cfi     DOUBLE,
    delta_rmsea   DOUBLE,
    holds         BOOLEAN,
    declined      VARCHAR
);

CREATE TABLE finding_history (
    run_id      VARCHAR NOT NULL,
    wave        VARCHAR NOT NULL,
    finding_id  VARCHAR NOT NULL,
    n           BIGINT,
    estimate    DOUBLE,
    std_error   DOUBLE,
    df          DOUBLE,
    statistic   DOUBLE,
    p_value     DOUBLE,
    p_adjusted  DOUBLE,
    ci_low      DOUBLE,
    ci_high     DOUBLE,
    verdict     VARCHAR,
    certainty   VARCHAR
);

CREATE TABLE run (
    run_id      VARCHAR PRIMARY KEY,
    wave        VARCHAR NOT NULL,
    started_at  TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,            -- set last; a run without it was interrupted and leaves nothing
    version     VARCHAR NOT NULL,
    plan_hash   VARCHAR NOT NULL,
    input_hash  VARCHAR                 -- of the study, the decisions and every file read
);

-- What a run finds otherwise than the one before it that read up to the same wave (or else the last one). Grain: a
-- finding that is new, gone, or differs; meaningful while a run is at work, which is not among the finished ones.
CREATE VIEW difference AS
WITH now AS (SELECT wave FROM run WHERE finished_at IS NULL ORDER BY started_at DESC LIMIT 1),
before AS (
    SELECT r.run_id FROM run AS r LEFT JOIN now ON r.wave = now.wave
    WHERE r.finished_at IS NOT NULL
    ORDER BY now.wave IS NOT NULL DESC, r.started_at DESC, r.run_id DESC LIMIT 1
),
earlier AS (SELECT h.* FROM finding_history AS h JOIN before USING (run_id)),
compared AS (
    SELECT
        coalesce(f.finding_id, t.finding_id) AS finding_id,
        CASE WHEN t.finding_id IS NULL THEN 'new' WHEN f.finding_id IS NULL THEN 'gone' ELSE 'moved' END AS status,
        (SELECT run_id FROM before) AS run_before,
        t.n AS n_before, f.n, t.estimate AS estimate_before, f.estimate,
        t.ci_low AS ci_low_before, f.ci_low, t.ci_high AS ci_high_before, f.ci_high,
        t.p_value AS p_value_before, f.p_value, t.p_adjusted AS p_adjusted_before, f.p_adjusted,
        t.verdict AS verdict_before, f.verdict, t.certainty AS certainty_before, f.certainty
    FROM finding AS f FULL JOIN earlier AS t ON f.finding_id = t.finding_id
)
SELECT
    *,
    status = 'moved' AND (
        verdict IS DISTINCT FROM verdict_before OR certainty IS DISTINCT FROM certainty_before
    ) AS concluded_otherwise
FROM compared
WHERE run_before IS NOT NULL AND (
    status <> 'moved' OR n IS DISTINCT FROM n_before OR verdict IS DISTINCT FROM verdict_before
    OR certainty IS DISTINCT FROM certainty_before
    OR round(estimate, 9) IS DISTINCT FROM round(estimate_before, 9)
    OR round(p_value, 9) IS DISTINCT FROM round(p_value_before, 9)
    OR round(p_adjusted, 9) IS DISTINCT FROM round(p_adjusted_before, 9)
);

-- The plan as it was registered, and each time it was amended. Grain: a line of decisions/amendment.csv.
CREATE TABLE plan_record (
    ordinal     INTEGER PRIMARY KEY,    -- from 1
    action      VARCHAR NOT NULL CHECK (action IN ('registration', 'amendment')),
    plan_hash   VARCHAR NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    who         VARCHAR NOT NULL,
    why         VARCHAR NOT NULL,
    changed     VARCHAR,                -- settings that differ from the record before, with both values
    data_seen   VARCHAR                 -- the last wave whose answers had come by then; null: none had
);

-- What was done otherwise than planned, found by comparison. Grain: one thing.
CREATE TABLE deviation (
    kind      VARCHAR NOT NULL,         -- plan.deviations.Kind
    subject   VARCHAR NOT NULL,         -- a setting of the plan, a finding, a scale, a wave
    planned   VARCHAR NOT NULL,
    done      VARCHAR NOT NULL,
    recorded  BOOLEAN NOT NULL,         -- whether somebody recorded it as an amendment
    who       VARCHAR,
    why       VARCHAR,
    PRIMARY KEY (kind, subject)
);

-- Waves that are or were frozen. Grain: a wave up to this run's.
CREATE TABLE frozen_wave (
    wave         VARCHAR PRIMARY KEY,
    state        VARCHAR NOT NULL CHECK (state IN ('frozen', 'thawed')),
    frozen_at    TIMESTAMPTZ NOT NULL,
    manifest     VARCHAR NOT NULL,      -- SHA-256
    rows_frozen  BIGINT NOT NULL,       -- a person in a wave up to this one
    rows_erased  BIGINT NOT NULL,       -- of people who withdrew since
    rows_changed BIGINT NOT NULL,       -- since it was thawed: changed, added or gone
    who          VARCHAR NOT NULL,      -- who froze it, or thawed it
    why          VARCHAR NOT NULL
);

CREATE TABLE step_record (
    run_id      VARCHAR NOT NULL,
    step        VARCHAR NOT NULL,
    finished_at TIMESTAMPTZ NOT NULL,
    counts      VARCHAR NOT NULL        -- JSON
);

-- People who withdrew their consent: the id alone, so that every later step leaves out what else there is of them.
CREATE TABLE withdrawn_participant (participant_id VARCHAR PRIMARY KEY);

-- The codebook and the coded notes.
CREATE TABLE code (
    code VARCHAR PRIMARY KEY, parent VARCHAR, name VARCHAR NOT NULL, definition VARCHAR, include VARCHAR,
    exclude VARCHAR, anchor VARCHAR, construct VARCHAR,
    expected_provider VARCHAR, expected_municipal VARCHAR, expected_generalized VARCHAR, expected_peers VARCHAR
);
-- Every version of the codebook, the current one included, and what became of codes from one to the next.
CREATE TABLE code_version (
    version VARCHAR NOT NULL,
    ordinal INTEGER NOT NULL,           -- 1 is the oldest
    code VARCHAR NOT NULL, parent VARCHAR, name VARCHAR NOT NULL, definition VARCHAR, include VARCHAR, exclude VARCHAR,
    anchor VARCHAR, construct VARCHAR, source_id VARCHAR NOT NULL, PRIMARY KEY (version, code)
);
CREATE TABLE code_mapping (
    from_version VARCHAR NOT NULL, from_code VARCHAR NOT NULL, to_version VARCHAR NOT NULL,
    to_code VARCHAR,                    -- null: given up
    kind VARCHAR NOT NULL CHECK (kind IN ('renamed', 'merged', 'split', 'redefined', 'dropped')),
    why VARCHAR
);
CREATE TABLE document (
    document VARCHAR PRIMARY KEY, kind VARCHAR, case_name VARCHAR, date DATE, wave VARCHAR,
    n_characters INTEGER                -- of its text, where that was handed in
);
CREATE TABLE roster (document VARCHAR NOT NULL, participant_id VARCHAR, speaker VARCHAR, role VARCHAR, spoke BOOLEAN);
CREATE TABLE guide (document VARCHAR NOT NULL, construct VARCHAR NOT NULL, asked BOOLEAN NOT NULL);
CREATE TABLE segment (
    segment_id VARCHAR PRIMARY KEY, source_id VARCHAR, row_number BIGINT, document VARCHAR NOT NULL, position INTEGER,
    start_offset INTEGER, end_offset INTEGER, participant_id VARCHAR, speaker VARCHAR, speaker_role VARCHAR,
    wave VARCHAR, text VARCHAR, paraphrase VARCHAR, consent_quote VARCHAR, elicited VARCHAR, time_reference VARCHAR,
    kept BOOLEAN,                       -- whether the statement passed the filter; null: nothing was filtered
    filter_reason VARCHAR,
    translated_from VARCHAR,            -- a language, where text is a translation
    original_text VARCHAR               -- the words before translation
);
CREATE TABLE coding (
    segment_id VARCHAR NOT NULL, code VARCHAR NOT NULL, coder VARCHAR NOT NULL, valence VARCHAR, stance VARCHAR,
    finding_id VARCHAR, certainty VARCHAR,
    blinded BOOLEAN,                    -- whether the coder had not seen the results; null: not said
    coded_on DATE,
    code_as_given VARCHAR,              -- under an earlier codebook, where code is what it became
    codebook_version VARCHAR,           -- in which it was coded, as the file says; null: not said
    source_id VARCHAR, row_number BIGINT
);
-- What projects of coding programs hold beside codings. Free text: none of it is published.
CREATE TABLE note_case (
    case_name VARCHAR NOT NULL, participant_id VARCHAR, role VARCHAR, source_id VARCHAR NOT NULL
);
CREATE TABLE note_variable (
    subject VARCHAR NOT NULL CHECK (subject IN ('case', 'document')), subject_name VARCHAR NOT NULL,
    variable VARCHAR NOT NULL, value_type VARCHAR NOT NULL, value VARCHAR, source_id VARCHAR NOT NULL
);
CREATE TABLE memo (
    subject VARCHAR NOT NULL CHECK (subject IN ('project', 'code', 'case', 'document', 'segment', 'coding')),
    subject_name VARCHAR NOT NULL,      -- code, case, document or segment_id
    title VARCHAR, text VARCHAR NOT NULL, author VARCHAR, written_on DATE, source_id VARCHAR NOT NULL
);
-- Who read a segment, also where they gave it no code: without it, silence of a coder could not be told from absence.
CREATE TABLE segment_coder (
    segment_id VARCHAR NOT NULL, coder VARCHAR NOT NULL,
    held BOOLEAN NOT NULL,              -- a row of this coder on it waits in quarantine
    PRIMARY KEY (segment_id, coder)
);
-- What the coders settled where they had differed.
CREATE TABLE coding_decision (
    segment_id VARCHAR NOT NULL, code VARCHAR NOT NULL, present BOOLEAN NOT NULL, who VARCHAR, decided_on VARCHAR,
    why VARCHAR, PRIMARY KEY (segment_id, code)
);
-- A code on a segment after reconciliation: agreed, decided and single count as coded; unresolved counts as neither.
CREATE TABLE segment_code (
    segment_id VARCHAR NOT NULL, code VARCHAR NOT NULL,
    status VARCHAR NOT NULL CHECK (status IN ('agreed', 'decided', 'single', 'unresolved', 'rejected')),
    n_coders BIGINT NOT NULL, n_applied BIGINT NOT NULL, PRIMARY KEY (segment_id, code)
);
-- How far two coders agree on a code before anything is reconciled; code null: pooled over all codes.
CREATE TABLE coder_agreement (
    coder_a VARCHAR NOT NULL, coder_b VARCHAR NOT NULL, code VARCHAR,
    n_segments BIGINT NOT NULL,         -- read by both
    n_both BIGINT, n_a_only BIGINT, n_b_only BIGINT, n_neither BIGINT,
    prevalence DOUBLE, agreement DOUBLE, kappa DOUBLE, ci_low DOUBLE, ci_high DOUBLE, alpha DOUBLE, ac1 DOUBLE,
    pabak DOUBLE, declined VARCHAR
);
-- How far two coders agree on where a passage begins and ends; document null: over all documents that both coded.
CREATE TABLE boundary_agreement (
    coder_a VARCHAR NOT NULL, coder_b VARCHAR NOT NULL, document VARCHAR,
    n_documents BIGINT NOT NULL, n_characters BIGINT,
    n_passages_a BIGINT NOT NULL, n_passages_b BIGINT NOT NULL,
    n_same BIGINT NOT NULL,             -- passages with the same ends
    n_matched BIGINT NOT NULL,          -- pairs that share half or more of what they cover together, the same included
    share_in_common DOUBLE,             -- characters that both coded, of those that either did
    alpha_u DOUBLE,                     -- Krippendorff's alpha for units cut from a continuum
    declined VARCHAR
);
-- Who had been interviewed up to a wave: in an interview of their own, or identified in a focus group.
CREATE TABLE interviewed (
    participant_id VARCHAR NOT NULL, wave VARCHAR NOT NULL, own_interview BOOLEAN NOT NULL, n_documents BIGINT NOT NULL,
    n_segments BIGINT NOT NULL, first_date DATE, last_date DATE, PRIMARY KEY (participant_id, wave)
);
-- What an interviewed person had been coded with up to a wave; no row: not coded with it.
CREATE TABLE participant_code (
    participant_id VARCHAR NOT NULL, wave VARCHAR NOT NULL, code VARCHAR NOT NULL,
    status VARCHAR NOT NULL CHECK (status IN ('coded', 'unresolved')),
    single_only BOOLEAN NOT NULL, n_segments BIGINT NOT NULL, n_unresolved BIGINT NOT NULL, first_date DATE,
    PRIMARY KEY (participant_id, wave, code)
);
-- Whether the words of a segment may leave, by consent, screens and a person's release; nothing else may print them.
CREATE TABLE quote_gate (
    segment_id VARCHAR PRIMARY KEY,
    may_quote BOOLEAN NOT NULL,         -- consent and screens let them through, so a person may release them
    may_paraphrase BOOLEAN NOT NULL,    -- whether the paraphrase may stand in their place
    in_public BOOLEAN NOT NULL,         -- the consent covers a public edition
    released VARCHAR CHECK (released IN ('internal', 'public')),   -- by a person, for which edition; null: not
    words VARCHAR,                      -- what was released, with what was marked left out
    reason VARCHAR,                     -- why the words are not printed
    filter_reason VARCHAR               -- why the statement passed the filter or not, where no screen stops it
);
-- Interviewed participants coded with a code against those not coded. Changes in POMP.
CREATE TABLE code_trajectory (
    code VARCHAR NOT NULL, outcome VARCHAR NOT NULL, dimension VARCHAR, contrast VARCHAR NOT NULL,
    wave_from VARCHAR NOT NULL, wave_to VARCHAR NOT NULL,
    n_coded BIGINT NOT NULL, n_not_coded BIGINT NOT NULL,
    n_single_coded BIGINT NOT NULL,     -- of n_coded, those that rest on one coder alone
    n_unresolved BIGINT NOT NULL,       -- in neither arm
    n_not_interviewed BIGINT NOT NULL,  -- changes known, never interviewed
    n_no_change BIGINT NOT NULL,        -- interviewed, but without a score at both waves
    mean_change_coded DOUBLE, mean_change_not_coded DOUBLE, difference DOUBLE,
    effect_name VARCHAR, effect_size DOUBLE, effect_ci_low DOUBLE, effect_ci_high DOUBLE,
    p_value DOUBLE, p_adjusted DOUBLE, method VARCHAR,
    n_arrangements BIGINT,              -- counted (exact) or drawn (random)
    n_fell_coded BIGINT, n_fell_not_coded BIGINT,   -- more than measurement error would explain
    risk_difference DOUBLE, risk_ci_low DOUBLE, risk_ci_high DOUBLE,
    p_value_fell DOUBLE, p_adjusted_fell DOUBLE,
    segments_per_person_coded DOUBLE, segments_per_person_not_coded DOUBLE,
    n_interviewed_before BIGINT,        -- of both arms: all interviews before the person's later survey
    n_interviewed_after BIGINT,         -- at least one on the day of that survey or later
    declined VARCHAR,                   -- why nothing was tested
    PRIMARY KEY (code, outcome, contrast)
);
-- What a change of the codebook did to the people coded, and to the difference between their change and others'.
CREATE TABLE code_change (
    from_version VARCHAR NOT NULL, from_code VARCHAR NOT NULL, to_version VARCHAR NOT NULL, to_code VARCHAR,
    kind VARCHAR NOT NULL, outcome VARCHAR NOT NULL, contrast VARCHAR NOT NULL,
    n_segments_before BIGINT NOT NULL, n_segments_after BIGINT NOT NULL,   -- given the earlier, and the later code
    n_people BIGINT NOT NULL,           -- interviewed, with the change
    n_people_before BIGINT NOT NULL, n_people_after BIGINT NOT NULL,
    n_people_kept BIGINT NOT NULL,      -- coded before and after
    n_stances BIGINT NOT NULL,          -- stances on findings that lie on segments whose code changed
    difference_before DOUBLE, difference_after DOUBLE,   -- POMP; null under 5 people an arm
    declined VARCHAR
);
-- Who was heard in each case, professionals included.
CREATE TABLE case_summary (
    case_name VARCHAR PRIMARY KEY, n_documents BIGINT NOT NULL, n_interviews BIGINT NOT NULL,
    n_groups BIGINT NOT NULL,           -- focus groups
    n_people BIGINT NOT NULL, n_citizens BIGINT NOT NULL, n_professionals BIGINT NOT NULL,
    n_spoke BIGINT NOT NULL, n_segments BIGINT NOT NULL
);
-- Which elements of the model of engagement, new elements and motives citizens spoke of in each case.
CREATE TABLE case_element (
    element VARCHAR NOT NULL, kind VARCHAR NOT NULL CHECK (kind IN ('model', 'new', 'motive')),
    case_name VARCHAR NOT NULL,
    status VARCHAR NOT NULL CHECK (status IN ('mentioned', 'mentioned differently', 'not mentioned', 'not asked')),
    n_people BIGINT NOT NULL, n_documents BIGINT NOT NULL, n_segments BIGINT NOT NULL,
    PRIMARY KEY (element, case_name)
);
-- Pairs of variables of the model that one passage speaks of both, expected by the model or not.
CREATE TABLE model_link (
    source VARCHAR NOT NULL, target VARCHAR NOT NULL, case_name VARCHAR NOT NULL,
    expected BOOLEAN NOT NULL, n_people BIGINT NOT NULL, n_segments BIGINT NOT NULL,
    PRIMARY KEY (source, target, case_name)
);
-- In which order one person in one document first speaks of the rungs of the decision ladder.
CREATE TABLE narrative (
    document VARCHAR NOT NULL, participant_id VARCHAR, speaker_number INTEGER NOT NULL, case_name VARCHAR,
    rungs INTEGER[] NOT NULL,           -- in the order of first mention
    elements VARCHAR[] NOT NULL,
    in_order BOOLEAN,                   -- null: fewer than two rungs
    PRIMARY KEY (document, speaker_number)
);
-- What people made of it so far, and whether they answered later waves.
CREATE TABLE appraisal (
    appraisal VARCHAR NOT NULL, wave VARCHAR NOT NULL, later_wave VARCHAR NOT NULL,
    n_people BIGINT NOT NULL, n_answered BIGINT NOT NULL, PRIMARY KEY (appraisal, wave, later_wave)
);
-- New codes document by document: Guest, Namey and Chen (2020), base 4, run 2, new information at most 5 %.
CREATE TABLE saturation (
    code_set VARCHAR NOT NULL CHECK (code_set IN ('all', 'inductive')),
    ordinal INTEGER NOT NULL, document VARCHAR NOT NULL,
    n_new BIGINT NOT NULL, n_codes BIGINT NOT NULL,
    new_information DOUBLE,             -- new codes of the run that ends here, of those in the base
    saturated BOOLEAN, PRIMARY KEY (code_set, ordinal)
);
-- Why saturation was not assessed, by set of codes.
CREATE TABLE saturation_declined (code_set VARCHAR PRIMARY KEY, declined VARCHAR NOT NULL);
-- People whose interview would tell most about a change, by a printed rule. It names people: no edition holds it.
CREATE TABLE case_selection (
    outcome VARCHAR NOT NULL, contrast VARCHAR NOT NULL,
    rule VARCHAR NOT NULL CHECK (rule IN ('typical', 'extreme_fall', 'extreme_rise', 'deviant', 'leaver')),
    place INTEGER NOT NULL, participant_id VARCHAR NOT NULL,
    change DOUBLE,                      -- POMP
    distance DOUBLE,                    -- what the rule orders by: from the median, the change, the residual
    interviewed BOOLEAN NOT NULL, PRIMARY KEY (outcome, contrast, rule, place)
);
-- What a segment does to a finding: set by a person, or, apart from that, worked out from directions.
CREATE TABLE evidence (
    finding_id VARCHAR NOT NULL, segment_id VARCHAR NOT NULL,
    stance VARCHAR NOT NULL CHECK (stance IN ('confirms', 'contrasts', 'expands', 'mentions', 'unresolved')),
    derived BOOLEAN NOT NULL,           -- from expected and observed directions: circular, never counted
    blinded BOOLEAN,                    -- set without having seen the results; null: not known
    stale BOOLEAN NOT NULL,             -- the finding changed since; not counted until somebody looks again
    stale_reason VARCHAR,
    origin VARCHAR NOT NULL CHECK (origin IN ('decision', 'coding', 'derived')),
    PRIMARY KEY (finding_id, segment_id)
);
-- How numbers and notes fit in one finding; people, never segments. Somebody who confirms and contrasts is in both.
CREATE TABLE meta_inference (
    finding_id VARCHAR PRIMARY KEY,
    weighed BOOLEAN NOT NULL,           -- somebody set a stance on it or signed it off; else silence is all there is
    n_confirms BIGINT NOT NULL, n_contrasts BIGINT NOT NULL, n_expands BIGINT NOT NULL, n_mentions BIGINT NOT NULL,
    n_speaking BIGINT NOT NULL,         -- with a stance that is not stale, also where coders differ on which
    n_stale BIGINT NOT NULL,            -- spoke to it, but every stance is stale
    n_silent_asked BIGINT,              -- present where it was asked, and nothing; null: it is not known what was asked
    n_not_asked BIGINT,                 -- present, nothing, and never asked; null as above
    n_blinded BIGINT NOT NULL,          -- of n_speaking, with a stance set blind
    fit VARCHAR,                        -- proposed by the rules
    no_fit VARCHAR,                     -- why nothing is proposed
    signed_fit VARCHAR,                 -- the analyst's
    inference VARCHAR,                  -- the analyst's words
    signed_off VARCHAR,                 -- by whom; null until then
    signed_on DATE,
    sign_off_stale VARCHAR              -- why the sign-off no longer stands; null where it stands
);
