// Package tokens issues and verifies access tokens for ports.AccessTokens: JWTs (RFC 7519) signed with HMAC SHA-256.
//
// The claims of a user's token are sub (the user's id, decimal), role, entity_id (absent for a manager), iat and exp. A
// token made elsewhere with the same key is as good. Only sub and exp are believed: the service reads role and entity from
// its store, the claims are there for whoever else gets to see the token.
//
// The token of a room agent has the audience "room-agent", and a sub that is no user's: the ids of room and participant, and
// the number of the request for an agent, as in "41/7/2". So neither is ever taken for the other, not even by a service of
// an earlier version with the same key.
package tokens
