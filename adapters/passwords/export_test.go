package passwords

// HoldTurn takes one of the hasher's turns until release is called.
func HoldTurn(h *Hasher) (release func()) {
	h.turns <- struct{}{}
	return func() { <-h.turns }
}
