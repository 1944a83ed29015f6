// Package bench holds the whole-system measurements: what the agent costs a router that forwards in the lab.
package bench
