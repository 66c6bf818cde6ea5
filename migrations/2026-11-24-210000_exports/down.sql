DROP TABLE export_parts, exports;
