// Package jsonschema checks the data of events against JSON Schemas of the operator's own, one for each name of an event.
// The names of what is wrong are told to the client, values never.
package jsonschema
