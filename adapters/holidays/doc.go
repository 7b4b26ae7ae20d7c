// Package holidays knows the public holidays of Brazil: those of the whole country, which federal law names. Carnival and
// Corpus Christi are none of them, nor are the holidays of states and towns: a clinic enters those as closures.
//
// It may import core, ports and the library that computes the dates.
package holidays
