-- Lines of shell that give a client its tokens: those of Ana, Cleo, Thea and Cora, and four that are refused.
SELECT format('export TOKEN_%s=%s', upper(name), care.issue_token(name || '@example.org', '1 hour')) FROM unnest(ARRAY['ana', 'cleo', 'thea', 'cora']) AS name;
SELECT format('export TOKEN_EXPIRED=%s', care.issue_token('ana@example.org', '-1 second'));
SELECT format('export TOKEN_STRANGER=%s', care.issue_token('somebody@example.org'));

-- Cleo's claims, under the signature of Ana's token.
SELECT format('export TOKEN_EDITED=%s.%s.%s', split_part(ana, '.', 1), split_part(cleo, '.', 2), split_part(ana, '.', 3))
FROM care.issue_token('ana@example.org') AS ana, care.issue_token('cleo@example.org') AS cleo;

SELECT care.issue_token('ana@example.org') AS token \gset
SELECT care.revoke_token(convert_from(decode(rpad(claims, (length(claims) + 3) / 4 * 4, '='), 'base64'), 'UTF8')::json ->> 'jti')
FROM translate(split_part(:'token', '.', 2), '-_', '+/') AS claims \g /dev/null
SELECT format('export TOKEN_REVOKED=%s', :'token');
