// @generated automatically by Diesel CLI.

diesel::table! {
    api_keys (id) {
        id -> Uuid,
        name -> Text,
        prefix -> Text,
        key_hash -> Bytea,
        role -> Text,
        unit_id -> Uuid,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
        device -> Nullable<Text>,
        scopes -> Nullable<Array<Nullable<Text>>>,
        addresses -> Nullable<Array<Nullable<Text>>>,
        replaced_by -> Nullable<Uuid>,
        last_used_from -> Nullable<Text>,
        refused_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    approvals (id) {
        id -> Uuid,
        verb -> Text,
        subject -> Text,
        body -> Jsonb,
        reason -> Text,
        proposed_by -> Uuid,
        proposed_at -> Timestamptz,
        expires_at -> Timestamptz,
        state -> Text,
        decided_by -> Nullable<Uuid>,
        decided_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    audit_checkpoints (number) {
        number -> Int8,
        made_at -> Timestamptz,
        heads -> Jsonb,
        key_id -> Text,
        signature -> Bytea,
    }
}

diesel::table! {
    audit_entries (id) {
        id -> Uuid,
        happened_at -> Timestamptz,
        principal -> Text,
        actor_name -> Text,
        role -> Nullable<Text>,
        unit_id -> Uuid,
        action -> Text,
        subject -> Text,
        details -> Jsonb,
    }
}

diesel::table! {
    audit_links (unit_id, seq) {
        unit_id -> Uuid,
        seq -> Int8,
        entry_id -> Uuid,
        prev -> Bytea,
        hash -> Bytea,
    }
}

diesel::table! {
    audit_pending (entry_id) {
        entry_id -> Uuid,
        unit_id -> Uuid,
    }
}

diesel::table! {
    calendar_moves (calendar_version, dossier_id) {
        calendar_version -> Int4,
        dossier_id -> Uuid,
        unit_id -> Uuid,
        due_unextended_before -> Timestamptz,
        due_unextended_after -> Timestamptz,
        due_before -> Timestamptz,
        due_after -> Timestamptz,
    }
}

diesel::table! {
    calendar_publications (calendar_version) {
        calendar_version -> Int4,
        published_at -> Timestamptz,
        published_by -> Text,
        published_by_name -> Text,
        tells -> Bool,
        total -> Int8,
        done -> Int8,
        moved -> Int8,
        pass -> Int2,
        cursor_due_at -> Timestamptz,
        cursor_id -> Uuid,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    calendars (version) {
        version -> Int4,
        body -> Jsonb,
        published_at -> Timestamptz,
    }
}

diesel::table! {
    catalogue_version (only_row) {
        only_row -> Bool,
        version -> Int8,
    }
}

diesel::table! {
    citizen_devices (id) {
        id -> Uuid,
        holder_hash -> Bytea,
        installation -> Text,
        language -> Text,
        key_id -> Int2,
        token -> Bytea,
        token_hash -> Bytea,
        registered_at -> Timestamptz,
        seen_at -> Timestamptz,
    }
}

diesel::table! {
    citizen_sessions (id) {
        id -> Uuid,
        token_hash -> Bytea,
        dossier_id -> Nullable<Uuid>,
        holder_hash -> Nullable<Bytea>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    code_counters (unit_id, day) {
        unit_id -> Uuid,
        day -> Date,
        last_number -> Int4,
    }
}

diesel::table! {
    data_keys (number) {
        number -> Int2,
        month -> Date,
        class -> Text,
        wrapped_by -> Nullable<Int2>,
        wrapped -> Nullable<Bytea>,
        made_at -> Timestamptz,
        destroyed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    data_keys_version (only_row) {
        only_row -> Bool,
        version -> Int8,
    }
}

diesel::table! {
    dossier_events (id) {
        id -> Uuid,
        dossier_id -> Uuid,
        number -> Int4,
        verb -> Text,
        from_status -> Nullable<Text>,
        to_status -> Text,
        happened_at -> Timestamptz,
        recorded_at -> Timestamptz,
        actor -> Text,
        actor_name -> Text,
        unit_id -> Nullable<Uuid>,
        note -> Nullable<Text>,
        details -> Jsonb,
        key_id -> Nullable<Int2>,
        sealed -> Nullable<Bytea>,
    }
}

diesel::table! {
    dossier_foresight (dossier_id) {
        dossier_id -> Uuid,
        due_at -> Timestamptz,
        at_risk_at -> Timestamptz,
        will_be_late_at -> Timestamptz,
        warn_at -> Array<Nullable<Timestamptz>>,
        warned -> Int4,
    }
}

diesel::table! {
    dossier_legs (parent_id, number) {
        parent_id -> Uuid,
        number -> Int2,
        does -> Text,
        unit_id -> Uuid,
        procedure_version_id -> Uuid,
        dossier_id -> Nullable<Uuid>,
        ready_at -> Nullable<Timestamptz>,
        started_at -> Nullable<Timestamptz>,
        acknowledge_by -> Nullable<Timestamptz>,
        acknowledged_at -> Nullable<Timestamptz>,
        moot -> Bool,
    }
}

diesel::table! {
    dossier_originals (dossier_id, number) {
        dossier_id -> Uuid,
        number -> Int2,
        name -> Text,
        quantity -> Int2,
        taken_at -> Timestamptz,
        taken_by -> Text,
        unit_id -> Uuid,
        given_back_at -> Nullable<Timestamptz>,
        given_back_by -> Nullable<Text>,
        given_back_event_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    dossier_papers (dossier_id, position) {
        dossier_id -> Uuid,
        position -> Int2,
        code -> Nullable<Text>,
        name -> Text,
        kind -> Text,
        quantity -> Int2,
        state -> Text,
        pause_id -> Nullable<Uuid>,
        supplied_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    dossier_pauses (id) {
        id -> Uuid,
        dossier_id -> Uuid,
        kind -> Text,
        effect -> Text,
        back_to -> Text,
        opened_at -> Timestamptz,
        closed_at -> Nullable<Timestamptz>,
        answer_by -> Nullable<Date>,
        reason -> Text,
        replaces_id -> Nullable<Uuid>,
        reminded_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    dossier_payments (id) {
        id -> Uuid,
        dossier_id -> Uuid,
        pause_id -> Uuid,
        notice_number -> Nullable<Text>,
        amount_vnd -> Nullable<Int8>,
        pay_by -> Nullable<Date>,
        voucher -> Nullable<Text>,
        paid_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    dossier_people (dossier_id, part) {
        dossier_id -> Uuid,
        part -> Text,
        kind -> Text,
        mandate -> Nullable<Text>,
        name -> Text,
        key_id -> Int2,
        id_number -> Nullable<Bytea>,
        id_number_hash -> Nullable<Bytea>,
        phone -> Nullable<Bytea>,
        phone_hash -> Nullable<Bytea>,
        email -> Nullable<Bytea>,
        email_hash -> Nullable<Bytea>,
        address -> Nullable<Bytea>,
        erased_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    dossier_reschedulings (dossier_id) {
        dossier_id -> Uuid,
        kind -> Text,
        granted_at -> Timestamptz,
        promised_on -> Date,
        reason -> Text,
        letter -> Text,
    }
}

diesel::table! {
    dossier_states (id) {
        id -> Uuid,
        dossier_id -> Uuid,
        status -> Text,
        unit_id -> Uuid,
        due_unextended -> Nullable<Timestamptz>,
        due_at -> Nullable<Timestamptz>,
        paused -> Bool,
        valid_from -> Timestamptz,
        valid_to -> Nullable<Timestamptz>,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    dossier_step_helpers (step_id, staff_id) {
        step_id -> Uuid,
        dossier_id -> Uuid,
        staff_id -> Uuid,
        staff_name -> Text,
    }
}

diesel::table! {
    dossier_steps (id) {
        id -> Uuid,
        dossier_id -> Uuid,
        number -> Int2,
        step -> Int2,
        unit_id -> Uuid,
        role -> Text,
        does -> Text,
        holder_id -> Nullable<Uuid>,
        holder_name -> Nullable<Text>,
        budget_minutes -> Nullable<Int8>,
        entered_at -> Timestamptz,
        left_at -> Nullable<Timestamptz>,
        working_minutes -> Nullable<Int8>,
        outcome -> Nullable<Text>,
        note -> Nullable<Text>,
        choice -> Nullable<Text>,
    }
}

diesel::table! {
    dossier_units (unit_id, dossier_id, why) {
        unit_id -> Uuid,
        dossier_id -> Uuid,
        why -> Text,
        registered_at -> Timestamptz,
        shelf -> Text,
        is_late -> Bool,
    }
}

diesel::table! {
    dossier_words (word, dossier_id) {
        word -> Text,
        dossier_id -> Uuid,
    }
}

diesel::table! {
    dossiers (id) {
        id -> Uuid,
        code -> Text,
        version -> Int8,
        source -> Nullable<Text>,
        source_code -> Nullable<Text>,
        status -> Text,
        progress -> Int2,
        procedure_version_id -> Uuid,
        process_version_id -> Uuid,
        field_id -> Uuid,
        supporting_unit_id -> Nullable<Uuid>,
        receiving_unit_id -> Uuid,
        resolving_unit_id -> Uuid,
        returning_unit_id -> Uuid,
        place_code -> Nullable<Text>,
        parent_id -> Nullable<Uuid>,
        leg -> Nullable<Int2>,
        mirrored -> Bool,
        channel -> Text,
        result_delivery -> Text,
        notify_sms -> Bool,
        notify_email -> Bool,
        notify_zalo -> Bool,
        pin_hash -> Bytea,
        registered_at -> Timestamptz,
        accepted_at -> Nullable<Timestamptz>,
        finished_at -> Nullable<Timestamptz>,
        at_counter_at -> Nullable<Timestamptz>,
        returned_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        due_first -> Nullable<Timestamptz>,
        due_unextended -> Nullable<Timestamptz>,
        due_at -> Nullable<Timestamptz>,
        due_statutory -> Nullable<Timestamptz>,
        provisional -> Bool,
        derivation -> Nullable<Jsonb>,
        standing -> Nullable<Text>,
        apologised -> Bool,
        result -> Nullable<Text>,
        result_number -> Nullable<Text>,
        result_on -> Nullable<Date>,
        result_reason -> Nullable<Text>,
        signer -> Nullable<Text>,
        shelf_place -> Nullable<Text>,
        created_by -> Text,
        answer_due_at -> Nullable<Timestamptz>,
        answered_at -> Nullable<Timestamptz>,
        collect_reminders -> Int2,
        standing_statutory -> Nullable<Text>,
    }
}

diesel::table! {
    expected_times (procedure_id, unit_id) {
        procedure_id -> Uuid,
        unit_id -> Uuid,
        results -> Int8,
        p50_minutes -> Int8,
        p90_minutes -> Int8,
        counted_at -> Timestamptz,
    }
}

diesel::table! {
    export_parts (export_id, kind, number) {
        export_id -> Uuid,
        kind -> Text,
        number -> Int4,
        bytes -> Bytea,
    }
}

diesel::table! {
    exports (id) {
        id -> Uuid,
        layout -> Text,
        format -> Text,
        bom -> Bool,
        period_from -> Date,
        period_to -> Date,
        period_rule -> Text,
        period_name -> Nullable<Text>,
        unit_id -> Nullable<Uuid>,
        asked_by -> Text,
        asked_by_name -> Text,
        asked_at -> Timestamptz,
        state -> Text,
        rows_expected -> Nullable<Int8>,
        rows_done -> Int8,
        after_at -> Nullable<Timestamptz>,
        after_id -> Nullable<Uuid>,
        file_name -> Nullable<Text>,
        size_bytes -> Nullable<Int8>,
        failed_why -> Nullable<Text>,
        lost_leases -> Int2,
        lease -> Nullable<Uuid>,
        leased_until -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        layout_written -> Nullable<Jsonb>,
        slow_tries -> Int2,
        not_before -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    failed_log_ins (key) {
        key -> Bytea,
        failures -> Int4,
        last_at -> Timestamptz,
    }
}

diesel::table! {
    fields (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        code_is -> Text,
    }
}

diesel::table! {
    gateway_tokens (gateway) {
        gateway -> Text,
        key_id -> Int2,
        access -> Nullable<Bytea>,
        refresh -> Bytea,
        access_until -> Nullable<Timestamptz>,
        refreshed_at -> Timestamptz,
        fetching_until -> Nullable<Timestamptz>,
        failed_at -> Nullable<Timestamptz>,
        begun_with -> Array<Nullable<Bytea>>,
    }
}

diesel::table! {
    gateways (name) {
        name -> Text,
        channel -> Text,
        weight -> Int2,
        resting -> Int2,
        changed_at -> Timestamptz,
        troubled_at -> Nullable<Timestamptz>,
        errors -> Int4,
        errors_since -> Nullable<Timestamptz>,
        parts -> Int8,
        filled_at -> Timestamptz,
        slowed_to -> Nullable<Int4>,
        slowed_at -> Nullable<Timestamptz>,
        given_on -> Nullable<Date>,
        given -> Int4,
        opened -> Int2,
        open_until -> Nullable<Timestamptz>,
        open_why -> Nullable<Text>,
    }
}

diesel::table! {
    idempotency_keys (principal, key_hash) {
        principal -> Text,
        key_hash -> Bytea,
        request_hash -> Bytea,
        status -> Int2,
        key_id -> Int2,
        answer -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    identity_reads (id) {
        id -> Uuid,
        dossier_id -> Uuid,
        read_at -> Timestamptz,
        principal -> Text,
        reader_name -> Text,
        role -> Nullable<Text>,
        unit_id -> Uuid,
        shown_in -> Text,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    installation (only_row) {
        only_row -> Bool,
        id -> Uuid,
        kind -> Text,
        made_at -> Timestamptz,
    }
}

diesel::table! {
    log_ins (id) {
        id -> Uuid,
        door -> Text,
        secret_hash -> Bytea,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    notice_attempts (notice_id, attempt, started_at) {
        notice_id -> Uuid,
        attempt -> Int2,
        gateway -> Text,
        started_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        outcome -> Text,
        code -> Nullable<Text>,
        gateway_ref -> Nullable<Text>,
    }
}

diesel::table! {
    notice_budgets (unit_id, valid_from) {
        unit_id -> Uuid,
        valid_from -> Date,
        vnd_per_month -> Nullable<Numeric>,
        set_at -> Timestamptz,
        set_by -> Text,
        set_by_name -> Text,
    }
}

diesel::table! {
    notice_consents (id) {
        id -> Uuid,
        person_hash -> Bytea,
        channel -> Text,
        granted -> Bool,
        at -> Timestamptz,
        session_id -> Uuid,
    }
}

diesel::table! {
    notice_cost_alarms (id) {
        id -> Uuid,
        month -> Date,
        what -> Text,
        unit_id -> Nullable<Uuid>,
        gateway -> Nullable<Text>,
        expected_vnd -> Numeric,
        actual_vnd -> Numeric,
        told_at -> Timestamptz,
    }
}

diesel::table! {
    notice_deeds (id) {
        id -> Uuid,
        notice_id -> Uuid,
        dossier_id -> Uuid,
        what -> Text,
        done_at -> Timestamptz,
        principal -> Text,
        actor_name -> Text,
        confirmed_by -> Nullable<Text>,
        confirmed_by_name -> Nullable<Text>,
        reason -> Nullable<Text>,
        told_at -> Nullable<Timestamptz>,
        child_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    notice_queue (notice_id) {
        notice_id -> Uuid,
        channel -> Text,
        priority -> Int2,
        run_at -> Timestamptz,
        attempt -> Int2,
        lease_token -> Nullable<Uuid>,
        gateway -> Text,
        open_since -> Nullable<Timestamptz>,
        not_by -> Array<Nullable<Text>>,
        unit_id -> Uuid,
    }
}

diesel::table! {
    notice_receipts (id) {
        id -> Uuid,
        gateway -> Text,
        gateway_ref -> Nullable<Text>,
        notice_id -> Nullable<Uuid>,
        code -> Text,
        received_at -> Timestamptz,
        done_at -> Nullable<Timestamptz>,
        proof -> Text,
        price -> Nullable<Text>,
    }
}

diesel::table! {
    notice_suppressions (id) {
        id -> Uuid,
        address_hash -> Bytea,
        address_masked -> Text,
        channel -> Nullable<Text>,
        reason -> Text,
        note -> Nullable<Text>,
        added_at -> Timestamptz,
        added_by -> Text,
        added_by_name -> Text,
        until -> Nullable<Timestamptz>,
        lifted_at -> Nullable<Timestamptz>,
        lifted_by -> Nullable<Text>,
        lifted_by_name -> Nullable<Text>,
    }
}

diesel::table! {
    notice_tariffs (gateway, telco, kind, valid_from) {
        gateway -> Text,
        telco -> Text,
        kind -> Text,
        valid_from -> Date,
        vnd_per_segment -> Numeric,
    }
}

diesel::table! {
    notice_template_vendor_ids (template_id, gateway) {
        template_id -> Uuid,
        gateway -> Text,
        vendor_id -> Text,
        set_at -> Timestamptz,
        set_by -> Text,
    }
}

diesel::table! {
    notice_templates (id) {
        id -> Uuid,
        purpose -> Text,
        channel -> Text,
        version -> Int4,
        subject -> Nullable<Text>,
        body -> Text,
        html -> Nullable<Text>,
        created_at -> Timestamptz,
        state -> Text,
        fold -> Text,
        max_segments -> Nullable<Int2>,
        written_by -> Text,
        written_by_name -> Text,
        reviewed_by -> Nullable<Text>,
        reviewed_by_name -> Nullable<Text>,
        reviewed_at -> Nullable<Timestamptz>,
        activated_at -> Nullable<Timestamptz>,
        retired_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    notices (id) {
        id -> Uuid,
        dossier_id -> Uuid,
        event_id -> Nullable<Uuid>,
        unit_id -> Uuid,
        purpose -> Text,
        recipient -> Text,
        channel -> Text,
        template_id -> Uuid,
        key_id -> Int2,
        address -> Bytea,
        address_hash -> Bytea,
        address_masked -> Text,
        wording -> Bytea,
        encoding -> Text,
        segments -> Int2,
        status -> Text,
        reason -> Nullable<Text>,
        gateway -> Nullable<Text>,
        gateway_ref -> Nullable<Text>,
        attempts -> Int2,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        sent_at -> Nullable<Timestamptz>,
        final_at -> Nullable<Timestamptz>,
        asked_at -> Nullable<Timestamptz>,
        telco -> Nullable<Text>,
        cost_estimated_vnd -> Nullable<Numeric>,
        cost_billed_vnd -> Nullable<Numeric>,
        parent_id -> Nullable<Uuid>,
        settled -> Nullable<Text>,
    }
}

diesel::table! {
    one_time_codes (id) {
        id -> Uuid,
        asked_for -> Text,
        asked_at -> Timestamptz,
        expires_at -> Timestamptz,
        settled_at -> Nullable<Timestamptz>,
        dossier_id -> Nullable<Uuid>,
        phone_hash -> Nullable<Bytea>,
        code_hash -> Nullable<Bytea>,
        tries -> Int2,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    procedure_resolvers (id) {
        id -> Uuid,
        procedure_version_id -> Uuid,
        unit_id -> Nullable<Uuid>,
        unit_kind -> Nullable<Text>,
    }
}

diesel::table! {
    procedure_versions (id) {
        id -> Uuid,
        procedure_id -> Uuid,
        version -> Int4,
        state -> Text,
        name -> Text,
        field_id -> Uuid,
        terms -> Nullable<Jsonb>,
        cutoff -> Text,
        supplement_effect -> Text,
        supplement_within_days -> Int4,
        excludes_external_time -> Bool,
        process_version_id -> Nullable<Uuid>,
        papers -> Jsonb,
        fees -> Jsonb,
        limit_source -> Text,
        note -> Nullable<Text>,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
    }
}

diesel::table! {
    procedures (id) {
        id -> Uuid,
        code -> Text,
    }
}

diesel::table! {
    process_versions (id) {
        id -> Uuid,
        process_id -> Uuid,
        version -> Int4,
        name -> Text,
        steps -> Jsonb,
        legs -> Jsonb,
        valid_from -> Date,
        procedure_id -> Nullable<Uuid>,
        unit_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    processes (id) {
        id -> Uuid,
        code -> Text,
    }
}

diesel::table! {
    recovery_codes (second_factor_id, code_hash) {
        second_factor_id -> Uuid,
        code_hash -> Bytea,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    reorganisations (code) {
        code -> Text,
        source -> Text,
        effective_on -> Date,
        plan -> Jsonb,
        decided_at -> Timestamptz,
        decided_by -> Text,
        decided_by_name -> Text,
        announced_at -> Nullable<Timestamptz>,
        refused -> Nullable<Text>,
        begun_at -> Nullable<Timestamptz>,
        cursor_unit -> Uuid,
        cursor_dossier -> Uuid,
        pass -> Int2,
        done -> Int8,
        moved -> Int8,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    report_mails (id) {
        id -> Uuid,
        layout -> Text,
        unit_code -> Text,
        format -> Text,
        month -> Text,
        recipient -> Text,
        written_at -> Timestamptz,
        next_at -> Timestamptz,
        attempts -> Int2,
        lease -> Nullable<Uuid>,
        leased_until -> Nullable<Timestamptz>,
        last_answer -> Nullable<Text>,
        sent_at -> Nullable<Timestamptz>,
        given_up_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    sealed_dossiers (seal_id, dossier_id) {
        seal_id -> Uuid,
        dossier_id -> Uuid,
        unit_id -> Uuid,
        field_id -> Uuid,
        cells -> Int4,
    }
}

diesel::table! {
    seals (id) {
        id -> Uuid,
        unit_id -> Nullable<Uuid>,
        grouped_by -> Text,
        period_rule -> Text,
        period_from -> Date,
        period_to -> Date,
        sealed_at -> Timestamptz,
        sealed_by -> Uuid,
        sealed_by_name -> Text,
        replaces_id -> Nullable<Uuid>,
        reason -> Nullable<Text>,
        dossiers -> Int8,
        content -> Bytea,
        hash -> Bytea,
        layout -> Nullable<Text>,
    }
}

diesel::table! {
    second_factors (id) {
        id -> Uuid,
        staff_id -> Uuid,
        key_id -> Int2,
        secret -> Bytea,
        last_step -> Int8,
        started_at -> Timestamptz,
        confirmed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    sending (only_row) {
        only_row -> Bool,
        paused_why -> Nullable<Text>,
    }
}

diesel::table! {
    sessions (id) {
        id -> Uuid,
        staff_id -> Uuid,
        token_hash -> Bytea,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
        kind -> Text,
        second_factor -> Text,
    }
}

diesel::table! {
    staff (id) {
        id -> Uuid,
        username -> Text,
        full_name -> Text,
        role -> Text,
        unit_id -> Uuid,
        password_hash -> Text,
        disabled_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    tally_carried (until) {
        until -> Date,
    }
}

diesel::table! {
    tally_days (day, is_leg, field_id, unit_id) {
        day -> Date,
        is_leg -> Bool,
        unit_id -> Uuid,
        field_id -> Uuid,
        online -> Int4,
        direct -> Int4,
        early -> Int4,
        on_time -> Int4,
        late -> Int4,
        withdrawn -> Int4,
        stopped -> Int4,
        refused -> Int4,
        apologised_early -> Int4,
        apologised_on_time -> Int4,
        late_statutory -> Int4,
        apologised_statutory -> Int4,
        postal -> Int4,
        late_with_result -> Int4,
        apologised_with_result -> Int4,
        late_promised -> Int4,
        apologised_promised -> Int4,
        overdue -> Int4,
        falls_due -> Int4,
        paused -> Int4,
        paused_supplement -> Int4,
        paused_payment -> Int4,
    }
}

diesel::table! {
    tally_keeping (only_row) {
        only_row -> Bool,
        latest_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    tally_marks (dossier_id) {
        dossier_id -> Uuid,
        is_leg -> Bool,
        unit_id -> Uuid,
        field_id -> Uuid,
        is_alone -> Bool,
        is_online -> Bool,
        is_postal -> Bool,
        accepted_on -> Nullable<Date>,
        ended_on -> Nullable<Date>,
        ended_as -> Nullable<Text>,
        ended_by -> Nullable<Text>,
        is_apologised -> Bool,
        is_late_statutory -> Bool,
        is_promised_anew -> Bool,
        overdue_from -> Nullable<Date>,
        overdue_to -> Nullable<Date>,
        falls_due_on -> Nullable<Date>,
        paused -> Datemultirange,
        paused_supplement -> Datemultirange,
        paused_payment -> Datemultirange,
    }
}

diesel::table! {
    tally_totals (until, is_leg, field_id, unit_id) {
        until -> Date,
        is_leg -> Bool,
        unit_id -> Uuid,
        field_id -> Uuid,
        online -> Int4,
        direct -> Int4,
        early -> Int4,
        on_time -> Int4,
        late -> Int4,
        withdrawn -> Int4,
        stopped -> Int4,
        refused -> Int4,
        apologised_early -> Int4,
        apologised_on_time -> Int4,
        late_statutory -> Int4,
        apologised_statutory -> Int4,
        postal -> Int4,
        late_with_result -> Int4,
        apologised_with_result -> Int4,
        late_promised -> Int4,
        apologised_promised -> Int4,
        overdue -> Int4,
        falls_due -> Int4,
        paused -> Int4,
        paused_supplement -> Int4,
        paused_payment -> Int4,
    }
}

diesel::table! {
    tally_waiting (number) {
        number -> Int8,
        dossier_id -> Uuid,
    }
}

diesel::table! {
    unit_aliases (code) {
        code -> Text,
        unit_id -> Uuid,
        valid_to -> Nullable<Date>,
    }
}

diesel::table! {
    unit_names (unit_id, valid_to) {
        unit_id -> Uuid,
        code -> Text,
        name -> Text,
        valid_to -> Date,
    }
}

diesel::table! {
    unit_parents (unit_id, valid_to) {
        unit_id -> Uuid,
        parent_id -> Nullable<Uuid>,
        valid_to -> Date,
    }
}

diesel::table! {
    unit_successions (id) {
        id -> Uuid,
        reorganisation -> Text,
        from_unit_id -> Uuid,
        to_unit_id -> Uuid,
        field_id -> Nullable<Uuid>,
        effective_on -> Date,
    }
}

diesel::table! {
    unit_tree (above_id, unit_id) {
        above_id -> Uuid,
        unit_id -> Uuid,
    }
}

diesel::table! {
    units (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        kind -> Text,
        parent_id -> Nullable<Uuid>,
        receives_at_id -> Uuid,
        hard_area -> Bool,
        code_is -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
    }
}

diesel::table! {
    warnings (id) {
        id -> Uuid,
        dossier_id -> Uuid,
        what -> Text,
        percent -> Int2,
        due_at -> Timestamptz,
        audience -> Text,
        unit_id -> Uuid,
        role -> Text,
        staff_id -> Nullable<Uuid>,
        made_at -> Timestamptz,
        is_over -> Bool,
    }
}

diesel::table! {
    warnings_seen (staff_id, warning_id) {
        staff_id -> Uuid,
        warning_id -> Uuid,
        dossier_id -> Uuid,
        seen_at -> Timestamptz,
    }
}

diesel::joinable!(api_keys -> staff (created_by));
diesel::joinable!(api_keys -> units (unit_id));
diesel::joinable!(audit_links -> audit_entries (entry_id));
diesel::joinable!(audit_pending -> audit_entries (entry_id));
diesel::joinable!(calendar_moves -> calendar_publications (calendar_version));
diesel::joinable!(calendar_moves -> dossiers (dossier_id));
diesel::joinable!(calendar_moves -> units (unit_id));
diesel::joinable!(calendar_publications -> calendars (calendar_version));
diesel::joinable!(citizen_sessions -> dossiers (dossier_id));
diesel::joinable!(code_counters -> units (unit_id));
diesel::joinable!(dossier_events -> dossiers (dossier_id));
diesel::joinable!(dossier_events -> units (unit_id));
diesel::joinable!(dossier_foresight -> dossiers (dossier_id));
diesel::joinable!(dossier_legs -> procedure_versions (procedure_version_id));
diesel::joinable!(dossier_legs -> units (unit_id));
diesel::joinable!(dossier_originals -> dossier_events (given_back_event_id));
diesel::joinable!(dossier_originals -> dossiers (dossier_id));
diesel::joinable!(dossier_originals -> units (unit_id));
diesel::joinable!(dossier_papers -> dossiers (dossier_id));
diesel::joinable!(dossier_pauses -> dossiers (dossier_id));
diesel::joinable!(dossier_payments -> dossier_pauses (pause_id));
diesel::joinable!(dossier_payments -> dossiers (dossier_id));
diesel::joinable!(dossier_people -> dossiers (dossier_id));
diesel::joinable!(dossier_reschedulings -> dossiers (dossier_id));
diesel::joinable!(dossier_states -> dossiers (dossier_id));
diesel::joinable!(dossier_states -> units (unit_id));
diesel::joinable!(dossier_step_helpers -> dossier_steps (step_id));
diesel::joinable!(dossier_step_helpers -> dossiers (dossier_id));
diesel::joinable!(dossier_step_helpers -> staff (staff_id));
diesel::joinable!(dossier_steps -> dossiers (dossier_id));
diesel::joinable!(dossier_steps -> staff (holder_id));
diesel::joinable!(dossier_steps -> units (unit_id));
diesel::joinable!(dossier_units -> dossiers (dossier_id));
diesel::joinable!(dossier_units -> units (unit_id));
diesel::joinable!(dossier_words -> dossiers (dossier_id));
diesel::joinable!(dossiers -> fields (field_id));
diesel::joinable!(dossiers -> procedure_versions (procedure_version_id));
diesel::joinable!(dossiers -> process_versions (process_version_id));
diesel::joinable!(expected_times -> procedures (procedure_id));
diesel::joinable!(expected_times -> units (unit_id));
diesel::joinable!(export_parts -> exports (export_id));
diesel::joinable!(exports -> units (unit_id));
diesel::joinable!(identity_reads -> dossiers (dossier_id));
diesel::joinable!(notice_attempts -> notices (notice_id));
diesel::joinable!(notice_budgets -> units (unit_id));
diesel::joinable!(notice_cost_alarms -> units (unit_id));
diesel::joinable!(notice_deeds -> dossiers (dossier_id));
diesel::joinable!(notice_queue -> notices (notice_id));
diesel::joinable!(notice_template_vendor_ids -> notice_templates (template_id));
diesel::joinable!(notices -> dossier_events (event_id));
diesel::joinable!(notices -> dossiers (dossier_id));
diesel::joinable!(notices -> notice_templates (template_id));
diesel::joinable!(notices -> units (unit_id));
diesel::joinable!(one_time_codes -> dossiers (dossier_id));
diesel::joinable!(procedure_resolvers -> procedure_versions (procedure_version_id));
diesel::joinable!(procedure_resolvers -> units (unit_id));
diesel::joinable!(procedure_versions -> fields (field_id));
diesel::joinable!(procedure_versions -> procedures (procedure_id));
diesel::joinable!(procedure_versions -> process_versions (process_version_id));
diesel::joinable!(process_versions -> procedures (procedure_id));
diesel::joinable!(process_versions -> processes (process_id));
diesel::joinable!(process_versions -> units (unit_id));
diesel::joinable!(recovery_codes -> second_factors (second_factor_id));
diesel::joinable!(sealed_dossiers -> dossiers (dossier_id));
diesel::joinable!(sealed_dossiers -> fields (field_id));
diesel::joinable!(sealed_dossiers -> seals (seal_id));
diesel::joinable!(sealed_dossiers -> units (unit_id));
diesel::joinable!(seals -> staff (sealed_by));
diesel::joinable!(seals -> units (unit_id));
diesel::joinable!(second_factors -> staff (staff_id));
diesel::joinable!(sessions -> staff (staff_id));
diesel::joinable!(staff -> units (unit_id));
diesel::joinable!(unit_aliases -> units (unit_id));
diesel::joinable!(unit_names -> units (unit_id));
diesel::joinable!(unit_successions -> fields (field_id));
diesel::joinable!(unit_successions -> reorganisations (reorganisation));
diesel::joinable!(warnings -> dossiers (dossier_id));
diesel::joinable!(warnings -> staff (staff_id));
diesel::joinable!(warnings -> units (unit_id));
diesel::joinable!(warnings_seen -> dossiers (dossier_id));
diesel::joinable!(warnings_seen -> staff (staff_id));
diesel::joinable!(warnings_seen -> warnings (warning_id));

diesel::allow_tables_to_appear_in_same_query!(
    api_keys,
    approvals,
    audit_checkpoints,
    audit_entries,
    audit_links,
    audit_pending,
    calendar_moves,
    calendar_publications,
    calendars,
    catalogue_version,
    citizen_devices,
    citizen_sessions,
    code_counters,
    data_keys,
    data_keys_version,
    dossier_events,
    dossier_foresight,
    dossier_legs,
    dossier_originals,
    dossier_papers,
    dossier_pauses,
    dossier_payments,
    dossier_people,
    dossier_reschedulings,
    dossier_states,
    dossier_step_helpers,
    dossier_steps,
    dossier_units,
    dossier_words,
    dossiers,
    expected_times,
    export_parts,
    exports,
    failed_log_ins,
    fields,
    gateway_tokens,
    gateways,
    idempotency_keys,
    identity_reads,
    installation,
    log_ins,
    notice_attempts,
    notice_budgets,
    notice_consents,
    notice_cost_alarms,
    notice_deeds,
    notice_queue,
    notice_receipts,
    notice_suppressions,
    notice_tariffs,
    notice_template_vendor_ids,
    notice_templates,
    notices,
    one_time_codes,
    procedure_resolvers,
    procedure_versions,
    procedures,
    process_versions,
    processes,
    recovery_codes,
    reorganisations,
    report_mails,
    sealed_dossiers,
    seals,
    second_factors,
    sending,
    sessions,
    staff,
    tally_carried,
    tally_days,
    tally_keeping,
    tally_marks,
    tally_totals,
    tally_waiting,
    unit_aliases,
    unit_names,
    unit_parents,
    unit_successions,
    unit_tree,
    units,
    warnings,
    warnings_seen,
);
