package adb

import "fmt"

// Field numbers of info, from 1.
const (
	infoName = iota + 1
	infoVersion
	infoHashes
	infoDescription
	infoArch
	infoLicense
	infoOrigin
	infoMaintainer
	infoURL
	infoRepoCommit
	infoBuildTime
	infoInstalledSize
	infoFileSize
	infoProviderPriority
	infoDepends
	infoProvides
	infoReplaces
	infoInstallIf
	infoRecommends
	infoLayer
	infoTags
	infoFields = infoTags
)

// Info is what a package says of itself, in a package and in an index.
type Info struct {
	Name             string // [A-Za-z0-9][A-Za-z0-9+._-]*
	Version          string // 1.2.3-r1
	Description      string
	Arch             string // one of the router's architectures, or noarch; apk cannot install "all"
	License          string
	Origin           string
	Maintainer       string
	URL              string
	InstalledSize    uint64 // bytes of all files; set by Build
	FileSize         uint64 // bytes of the .apk file; in an index only
	ProviderPriority uint64
	Depends          []string // libc, ubus>=2025, !other
	Provides         []string
	Replaces         []string
	Tags             []string
}

func (i *Info) validate() error {
	if !nameText.MatchString(i.Name) {
		return fmt.Errorf("package name %q: use letters, digits and +._-", i.Name)
	}
	if !versionText.MatchString(i.Version) {
		return fmt.Errorf("package %s: version %q must look like 1.2.3-r1 or 1.2.3_rc1-r1", i.Name, i.Version)
	}
	if i.Arch == "" || i.Arch == "all" {
		return fmt.Errorf("package %s: architecture %q is none that apk installs: say noarch", i.Name, i.Arch)
	}
	return nil
}

// fields writes all that stands in a package and in an index alike, in the order of the numbers; uniqueID is written
// between them where it is given. The sizes are the caller's.
func (p *payload) fields(i *Info, uniqueID []byte) (slots [infoFields]word, err error) {
	set := func(field int, w word) { slots[field-1] = w }
	set(infoName, p.text(i.Name))
	set(infoVersion, p.text(i.Version))
	set(infoHashes, p.blob(uniqueID))
	set(infoDescription, p.text(i.Description))
	set(infoArch, p.text(i.Arch))
	set(infoLicense, p.text(i.License))
	set(infoOrigin, p.text(i.Origin))
	set(infoMaintainer, p.text(i.Maintainer))
	set(infoURL, p.text(i.URL))
	if i.ProviderPriority != 0 {
		set(infoProviderPriority, p.int(i.ProviderPriority))
	}
	for _, list := range []struct {
		field int
		texts []string
	}{{infoDepends, i.Depends}, {infoProvides, i.Provides}, {infoReplaces, i.Replaces}} {
		w, err := p.dependencies(list.texts)
		if err != nil {
			return slots, fmt.Errorf("package %s: %w", i.Name, err)
		}
		set(list.field, w)
	}
	set(infoTags, p.texts(i.Tags))
	return slots, nil
}

// texts writes a list in the order it has.
func (p *payload) texts(list []string) word {
	var words []word
	for _, text := range list {
		words = append(words, p.text(text))
	}
	return p.object(words...)
}
