ALTER TABLE gateway_tokens DROP failed_at, DROP begun_with;
