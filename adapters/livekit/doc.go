// Package livekit reaches a LiveKit server: [Server] makes and ends rooms there, lets people and agents in, and reads the
// events that LiveKit posts.
//
// LiveKit keeps nothing: a room is there while somebody is in it or may come, and a restart forgets all of them. What it
// says of agents is little: a dispatch is tried once, and nobody is told whether an agent came. Its webhooks may be late, out
// of order, or lost. So nothing of LiveKit is believed here beyond the answer to a question; what follows from the answers
// is core's to decide.
package livekit
