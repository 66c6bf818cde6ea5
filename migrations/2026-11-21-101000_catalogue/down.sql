DROP TABLE catalogue_version, calendars, procedure_resolvers, procedure_versions, procedures,
    process_versions, processes, fields, unit_tree, unit_aliases, units;
