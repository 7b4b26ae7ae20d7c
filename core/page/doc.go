// Package page is cursor pagination: a list is read in pages, and a page names the position where the next one starts.
//
// A cursor is opaque to the client: base64url of a position (sort key and id) and of a fingerprint of the list it came
// from. It is compared with, never looked up, so a deleted row does not break a walk; and a cursor of another list,
// filter or tenant is refused.
package page
