-- What a part of a message costs through a gateway: by what the contract says, from a day of Vietnam on. Shipped
-- empty: what is not known is not known, and never 0.
CREATE TABLE notice_tariffs (
    -- Its name in the settings.
    gateway text NOT NULL,
    -- domain::cost::Telco, or `any` for those that have no line of their own.
    telco text NOT NULL CONSTRAINT notice_tariffs_telco_check CHECK (telco IN (
        'any', 'viettel', 'vinaphone', 'mobifone', 'vietnamobile', 'gmobile', 'itel', 'wintel')),
    kind text NOT NULL CONSTRAINT notice_tariffs_kind_check CHECK (kind IN ('accented', 'folded', 'zns')),
    valid_from date NOT NULL,
    vnd_per_segment numeric(10, 2) NOT NULL CONSTRAINT notice_tariffs_vnd_check CHECK (vnd_per_segment >= 0),
    CONSTRAINT notice_tariffs_pkey PRIMARY KEY (gateway, telco, kind, valid_from)
);

ALTER TABLE notices
    -- By the prefix of the number, so a hint: numbers move between telcos.
    ADD COLUMN telco text CONSTRAINT notices_telco_check CHECK (telco IN (
        'viettel', 'vinaphone', 'mobifone', 'vietnamobile', 'gmobile', 'itel', 'wintel')),
    -- By the tariff when the gateway took it; each time that it did.
    ADD COLUMN cost_estimated_vnd numeric(12, 2),
    -- What the gateway says that it charged.
    ADD COLUMN cost_billed_vnd numeric(12, 2);

-- What a unit, with all below it, may spend in a month; it is told when it has, and nothing is held back.
CREATE TABLE notice_budgets (
    unit_id uuid NOT NULL CONSTRAINT notice_budgets_unit_fkey REFERENCES units (id),
    -- The first day of the first month, of Vietnam.
    valid_from date NOT NULL CONSTRAINT notice_budgets_month_check CHECK (extract(day FROM valid_from) = 1),
    -- None: no budget from this month on.
    vnd_per_month numeric(12, 2) CONSTRAINT notice_budgets_vnd_check CHECK (vnd_per_month >= 0),
    set_at timestamptz NOT NULL,
    set_by text NOT NULL,
    set_by_name text NOT NULL,
    CONSTRAINT notice_budgets_pkey PRIMARY KEY (unit_id, valid_from)
);

-- What was told of a month's costs, once: a budget that is spent, bills that are not what was estimated.
CREATE TABLE notice_cost_alarms (
    id uuid CONSTRAINT notice_cost_alarms_pkey PRIMARY KEY,
    month date NOT NULL CONSTRAINT notice_cost_alarms_month_check CHECK (extract(day FROM month) = 1),
    what text NOT NULL CONSTRAINT notice_cost_alarms_what_check CHECK (what IN ('budget', 'difference')),
    -- The unit whose budget it is, or the gateway whose bills.
    unit_id uuid CONSTRAINT notice_cost_alarms_unit_fkey REFERENCES units (id),
    gateway text,
    -- The budget, or the estimate.
    expected_vnd numeric(14, 2) NOT NULL,
    -- What was spent, or billed.
    actual_vnd numeric(14, 2) NOT NULL,
    told_at timestamptz NOT NULL,
    CONSTRAINT notice_cost_alarms_subject_check CHECK ((what = 'budget') = (unit_id IS NOT NULL)
        AND (what = 'difference') = (gateway IS NOT NULL)),
    CONSTRAINT notice_cost_alarms_once_key UNIQUE NULLS NOT DISTINCT (month, what, unit_id, gateway)
);
CREATE INDEX notice_cost_alarms_told ON notice_cost_alarms (told_at, id);

GRANT SELECT, INSERT, UPDATE, DELETE ON notice_tariffs, notice_budgets TO motcua_worker;
GRANT SELECT, INSERT ON notice_cost_alarms TO motcua_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON notice_tariffs TO motcua_service;
GRANT SELECT, INSERT, UPDATE ON notice_budgets TO motcua_service;
GRANT SELECT ON notice_cost_alarms TO motcua_service;
GRANT SELECT ON notice_tariffs, notice_budgets, notice_cost_alarms TO motcua_report;
