// Package metering is how much AI agents were used, for how long and at what cost: one [AgentUsage] per session of an
// agent in a room.
package metering
