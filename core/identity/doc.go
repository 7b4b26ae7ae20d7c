// Package identity says who acts and what they may touch: users of the back office with their role, the [Actor] that
// every use case takes, and the [Scope] that every read of a tenant's data takes. Leaving either out does not compile.
package identity
