// Package id makes and parses the UUID keys of the front desk, one Go type per kind of record, so that two ids cannot
// be swapped: a patient's id is no professional's.
//
// It is the only core package that reads the clock and randomness; everywhere else both are injected.
package id
