// Package metering is how much AI agents were used, for how long and at what cost: one [AgentUsage] per session of an
// agent in a room.
//
// A session keeps what it was told, as one [Reading] per model and source, and everything else follows from that: a [Line]
// per model, the totals, and the cost, which [AgentUsage.Price] makes anew from the prices that were valid when the session
// began. So the same report may come twice, late, or in pieces ([ParseReport] reads every shape of them), and a session
// can be priced again. What has no price is never taken for free: it is marked as unpriced.
//
// Money, prices and minutes are exact decimals: integers of a small unit inside, texts outside, and floats nowhere.
package metering
