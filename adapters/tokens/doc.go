// Package tokens issues and verifies access tokens for ports.AccessTokens: JWTs (RFC 7519) signed with HMAC SHA-256.
//
// The claims are sub (the user's id, decimal), role, entity_id (absent for a manager), iat and exp. A token made
// elsewhere with the same key is as good. Only sub and exp are believed: the service reads role and entity from its store,
// the claims are there for whoever else gets to see the token.
package tokens
