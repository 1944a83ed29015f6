package scripts_test

import (
	"strconv"
	"testing"
)

const restore = "../files/etc/init.d/spinneret-restore"

// withService adds the agent's own script, which is asked whether it is enabled.
func (r router) withService(enabled bool) router {
	r.put("etc/init.d/spinneret", "#!/bin/sh\necho \"service $*\" >&2\n[ \"$1\" != enabled ] || "+strconv.FormatBool(enabled)+"\n", 0o755)
	return r
}

func TestQuarantinesAreRestoredAtBootAlone(t *testing.T) {
	const asked, logged = "service enabled\n", "logger -t spinneret -p daemon.notice\n"
	if said := newRouter(t).withService(true).run(restore, "boot"); said != asked+logged {
		t.Errorf("boot said:\n%s", said)
	}
	if said := newRouter(t).run(restore, "start"); said != "" {
		t.Errorf("start said:\n%s", said)
	}
}

// TestADisabledServiceRestoresNothing: without the agent nobody could let a device back in.
func TestADisabledServiceRestoresNothing(t *testing.T) {
	said := newRouter(t).withService(false).run(restore, "boot")
	if want := "service enabled\nlogger -t spinneret -p daemon.warn the service is disabled: nobody is cut off\n"; said != want {
		t.Errorf("it said:\n%s", said)
	}
}
