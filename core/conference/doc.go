// Package conference is what happens in rooms: rooms, the participants who come into them, what goes on there (room
// events) and what an AI agent says and does there (agent session events).
package conference
