// Package ports holds the interfaces that core needs from the outside world: one repository per entity, the unit of
// work that ties them together, and the roles that a vendor can play (calendar, messenger, ...). The comments are the
// contract; package porttest checks it against every adapter.
//
// What holds for every repository:
//
//   - Reads take an identity.Scope. A row outside it is NotFound, exactly as an absent one.
//   - Get fails when the row is absent, with NotFound "<record>-not-found"; List never fails for being empty.
//   - What is returned is a copy: changing it changes nothing in the store.
//   - Create assigns integer ids and returns the stored row. A repeated unique value is Conflict with the code that the
//     repository names.
//   - Update reads the row, calls change, and saves what change left, unless somebody changed the row meanwhile: then it
//     begins again, and no change is lost. An error of change comes back unchanged and nothing is saved. change may run
//     again, on another state of the row, and its last run counts, so it is pure: no I/O, no clock.
//   - Times keep microseconds and come back in UTC.
//   - Texts come back as they were. They are valid UTF-8 without U+0000: core lets no other in, and a store that cannot
//     hold one refuses it with Invalid "invalid-value".
//   - A cancelled context stops the operation with the context's error.
package ports
