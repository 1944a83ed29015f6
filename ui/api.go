// Package ui is the program's HTTP door: the API, the stream and the page. It owns its JSON and knows no other room.
package ui

import (
	"context"
	"iter"
	"time"
)

// Backend is the agent as the API sees it. Every call may come from any goroutine and gives up when ctx ends.
// An error that is a *Problem is sent as it is; anything else becomes 500 without its text.
type Backend interface {
	Status(ctx context.Context) (Status, error)
	Devices(ctx context.Context) ([]Device, error)
	Device(ctx context.Context, mac string) (Device, error)
	EditDevice(ctx context.Context, mac string, edit DeviceEdit) (Device, error)
	// Quarantine returns once the kernel holds the rule and the device's conntrack entries are gone.
	Quarantine(ctx context.Context, mac string, order QuarantineOrder) (Device, error)
	// Release ends the quarantines of one source, or all where source is "".
	Release(ctx context.Context, mac, source string) (Device, error)
	// Flows and History find flows by the thousand: each is made when it is written. An error ends the list.
	Flows(ctx context.Context, query FlowQuery) (flows iter.Seq2[Flow, error], more bool, err error)
	// History finds finished flows, those alive last first; Buckets sums them up in steps of time.
	History(ctx context.Context, query HistoryQuery) (flows iter.Seq2[Flow, error], more bool, err error)
	Buckets(ctx context.Context, query HistoryQuery) ([]Bucket, error)
	// Requests are what providers asked for, oldest first.
	Requests(ctx context.Context) ([]Request, error)
	Request(ctx context.Context, id string) (Request, error)
	// Decide is the owner's word: allow, refuse or legitimate. It returns once the kernel holds what follows from it.
	Decide(ctx context.Context, id, decision string) (Request, error)
	// TakeBack undoes what was done about a request: what is stopped passes again, what was legitimate is so no more.
	TakeBack(ctx context.Context, id string) (Request, error)
	// Export is all that is known of a device; its flows are made when they are written. Erase makes the device unknown.
	Export(ctx context.Context, mac string) (Export, error)
	Erase(ctx context.Context, mac string) error
	// Findings are what devices did that is unusual, the oldest first.
	Findings(ctx context.Context) ([]Finding, error)
	// JudgeFinding is the owner's word: the same may happen again without a word, or that is taken back.
	JudgeFinding(ctx context.Context, id int64, fine bool) (Finding, error)
	// Moment is how the home was at a time.
	Moment(ctx context.Context, at time.Time) (Moment, error)
	// Habits are what was learned of a device.
	Habits(ctx context.Context, mac string) (Habits, error)
	// Inherit takes over what is known of another device: it is the same one under a new MAC. It returns once the kernel
	// holds the device back as it does the other.
	Inherit(ctx context.Context, mac string, o InheritOrder) (Device, error)
	// Record begins to record a device. The recording must be called, once.
	Record(ctx context.Context, mac string, query CaptureQuery) (Recording, error)
	MUD(ctx context.Context, mac string) (MUD, error)
	AssignMUD(ctx context.Context, mac string, order MUDOrder) (MUD, error)
	// LearnMUD makes a description of what a device did.
	LearnMUD(ctx context.Context, mac string) (LearnedMUD, error)
	// RemoveMUD takes back what the owner said: what the device names itself counts again.
	RemoveMUD(ctx context.Context, mac string) (MUD, error)
	// HearMUD takes what the router's DHCP server was told: the URL of a device's description. The device may be new.
	HearMUD(ctx context.Context, mac, url string) error
	// AnswerMUD is the owner's word about an Approval.
	AnswerMUD(ctx context.Context, mac string, answer MUDAnswer) (MUD, error)
	Events(ctx context.Context, since int64, limit int) (events []Event, last int64, err error)
}
