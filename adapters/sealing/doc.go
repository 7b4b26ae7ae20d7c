// Package sealing implements [ports.Sealer] with XChaCha20-Poly1305, whose nonces are long enough to be drawn at random.
//
// What is sealed begins with a version byte, then four bytes that tell the key, then the nonce. These and the purpose are
// authenticated with the rest, so that nothing that was sealed for one purpose opens for another. Keys are rotated by putting a
// new one in front of the old one: the first key seals, all of them open.
package sealing
