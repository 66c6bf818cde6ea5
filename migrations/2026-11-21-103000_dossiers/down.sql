DROP TABLE dossier_steps, dossier_reschedulings, dossier_payments, dossier_pauses, dossier_states,
    dossier_events, dossier_papers, dossier_units, dossier_words, dossier_people, dossiers, code_counters;
DROP FUNCTION refuse_change();
