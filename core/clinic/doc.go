// Package clinic is the directory: entities (the tenants: clinics and other organisations), their departments, the
// professionals, who may work for several entities, and the memberships between them; and the instructions that an
// entity and a department give to AI agents, with the rule that merges both.
package clinic
