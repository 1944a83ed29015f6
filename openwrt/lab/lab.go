// Package lab is a home made of network namespaces: a router as OpenWrt has it, an internet with servers on
// documentation addresses, and a dozen devices with believable habits. The demo, the namespace tests and the
// benchmarks stand on it.
//
// Nothing of it is on the host. No namespace has a name: this process holds each by a file descriptor, and
// what it starts inside is killed with it. So all of it vanishes with the process, also after kill -9.
package lab
