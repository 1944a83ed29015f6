package history

import (
	"bytes"
	"errors"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
	"time"
)

// lived is a Store in which flows came, became sums and were given up.
func lived(t testing.TB, flows int) *Store {
	t.Helper()
	r := rand.New(rand.NewPCG(7, 8))
	s := New(leastBudget)
	for i := range flows {
		f := random(r, i)
		s.Add(&f)
	}
	f := frames()
	s.Add(&f)
	return s
}

func saved(t testing.TB, s *Store) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.Save(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func everySum(s *Store) []Sum {
	return s.Sums([6]byte{}, start.Add(-1000*time.Hour), start.Add(1000*time.Hour))
}

func TestASnapshotBringsEverythingBack(t *testing.T) {
	s := lived(t, 12000)
	got, err := Load(bytes.NewReader(saved(t, s)), leastBudget)
	if err != nil {
		t.Fatal(err)
	}
	all := Query{Limit: MaxLimit}
	if diff := differ(find(s, all), find(got, all)); diff != "" || got.Len() != s.Len() {
		t.Errorf("%d flows of %d (-saved +loaded):\n%s", got.Len(), s.Len(), diff)
	}
	if len(everySum(s)) == 0 {
		t.Error("there are no sums")
	}
	if diff := differ(everySum(s), everySum(got)); diff != "" {
		t.Errorf("sums (-saved +loaded):\n%s", diff)
	}
	got.Correct(time.Hour, true)
	if diff := differ(find(s, all), find(got, all)); diff != "" {
		t.Errorf("another start's correction changed what is loaded:\n%s", diff)
	}
}

func TestASmallerBudgetLoadsWhatItCan(t *testing.T) {
	big, next := New(0), many(20000)
	for i := range 20000 {
		big.Add(next(i))
	}
	s, err := Load(bytes.NewReader(saved(t, big)), leastBudget)
	if err != nil {
		t.Fatal(err)
	}
	if s.Len() == 0 || s.Len() >= 20000 || s.used() > s.flowsLimit()+chunk*recordSize {
		t.Errorf("%d flows, %+v", s.Len(), s.Stores())
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	b := saved(t, lived(t, 100))
	newer := bytes.Clone(b)
	newer[len(magic)]++
	changed := bytes.Clone(b)
	changed[len(b)/2] ^= 1
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"empty":                    {nil, ErrForeign},
		"another file":             {[]byte("{\"devices\": []}, and more of it"), ErrForeign},
		"of another version":       {newer, ErrVersion},
		"without its end":          {b[:len(b)-1], ErrTorn},
		"half of it":               {b[:len(b)/2], ErrTorn},
		"only the magic":           {b[:len(magic)], ErrTorn},
		"a bit changed":            {changed, ErrTorn},
		"something after its end":  {append(bytes.Clone(b), 0), ErrTorn},
		"zeros as after a crash":   {make([]byte, 1000), ErrForeign},
		"zeros behind a good half": {append(bytes.Clone(b[:len(b)/2]), make([]byte, len(b)/2)...), ErrTorn},
	} {
		t.Run(name, func(t *testing.T) {
			if s, err := Load(bytes.NewReader(c.file), 0); !errors.Is(err, c.want) || s != nil {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestAReaderThatFailsIsNoTornFile(t *testing.T) {
	broken := errors.New("the disk is broken")
	b := saved(t, lived(t, 100))
	for _, n := range []int{0, 5, len(b) / 2} {
		r := io.MultiReader(bytes.NewReader(b[:n]), iotest.ErrReader(broken))
		if _, err := Load(r, 0); !errors.Is(err, broken) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
	if err := lived(t, 100).Save(fullDisk{broken}); !errors.Is(err, broken) {
		t.Errorf("a full disk: %v", err)
	}
}

type fullDisk struct{ err error }

func (d fullDisk) Write([]byte) (int, error) { return 0, d.err }

// TestTheLaterIsAppended: flows in their order, sums added up, and what was not sure can still be corrected.
func TestTheLaterIsAppended(t *testing.T) {
	early, late := New(0), New(0)
	for i := range 4 {
		f := upload()
		f.First, f.Last = start.Add(time.Duration(i)*time.Minute), start.Add(time.Duration(i)*time.Minute)
		f.Sure = i < 3
		s := early
		if i >= 2 {
			s = late
		}
		s.Add(&f)
	}
	early.fold()
	late.fold()
	early.Append(late)
	flows := find(early, Query{})
	if len(flows) != 2 || !flows[0].First.Equal(start.Add(3*time.Minute)) || !flows[1].First.Equal(start.Add(time.Minute)) {
		t.Fatalf("the flows are %+v", flows)
	}
	if sums := early.Sums(cam, start, start); len(sums) != 1 || sums[0].Flows != 2 {
		t.Errorf("the sums are %+v", sums)
	}
	early.Correct(time.Hour, true)
	if f := find(early, Query{})[0]; !f.Sure || !f.First.Equal(start.Add(63*time.Minute)) {
		t.Errorf("the last is corrected to %v", f.First)
	}
}

// FuzzLoad: whatever a file holds, with a checksum that is right, it is refused or makes a Store that works.
func FuzzLoad(f *testing.F) {
	for _, n := range []int{0, 1, 5} {
		b := saved(f, lived(f, n))
		f.Add(b[len(magic) : len(b)-crc32.Size])
	}
	old := lived(f, 5)
	old.fold()
	old.fold()
	b := saved(f, old)
	f.Add(b[len(magic) : len(b)-crc32.Size])
	f.Fuzz(func(t *testing.T, body []byte) {
		file := append([]byte(magic), body...)
		sum := crc32.New(castagnoli)
		sum.Write(file)
		file = sum.Sum(file)
		s, err := Load(bytes.NewReader(file), leastBudget)
		if err != nil {
			return
		}
		flows := find(s, Query{Limit: MaxLimit})
		again, err := Load(bytes.NewReader(saved(t, s)), leastBudget)
		if err != nil {
			t.Fatalf("saved, but cannot be loaded: %v", err)
		}
		if diff := differ(flows, find(again, Query{Limit: MaxLimit})); diff != "" {
			t.Errorf("flows (-loaded +loaded again):\n%s", diff)
		}
		s.Correct(time.Hour, true)
		s.Buckets(Query{Device: cam, From: start, To: start.Add(time.Hour)}, time.Minute)
		u := upload()
		s.Add(&u)
	})
}
