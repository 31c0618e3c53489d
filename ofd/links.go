package ofd

// partKind says what a part is, hence what in it leads to other parts.
type partKind uint8

const (
	plainPart partKind = iota // leads nowhere: a font, a picture, an attachment
	documentPart
	pagePart // pages and templates
	resourcePart
	annotationsPart
	annotationPart
	attachmentsPart
	tagsPart
	extensionsPart
	versionPart
)

// role names a kind for people.
func (k partKind) role() string {
	return [...]string{"file", "document", "page", "resources", "annotations", "annotation", "attachments", "custom-tags", "extensions", "version"}[k]
}

// link is a path as written, with what it leads to.
type link struct {
	loc      string
	to       partKind
	id       string // of a page or a template
	template bool
}

// rule says that an element leads to a part. in is the element around it. The path is the element's text, or the attribute named.
type rule struct {
	in, name, attr string
	to             partKind
}

// rules lists what leads from a part of a kind to others (GB/T 33190, clauses 7 to 20, with the further files of GM/T 0099). Elements are taken wherever
// they stand: to follow too much means more that must be covered, never less.
func (k partKind) rules() []rule {
	switch k {
	case documentPart:
		return []rule{
			{"CommonData", "PublicRes", "", resourcePart}, {"CommonData", "DocumentRes", "", resourcePart}, {"CommonData", "TemplatePage", "BaseLoc", pagePart},
			{"Pages", "Page", "BaseLoc", pagePart}, {"Document", "Annotations", "", annotationsPart}, {"Document", "CustomTags", "", tagsPart},
			{"Document", "Attachments", "", attachmentsPart}, {"Document", "Extensions", "", extensionsPart},
		}
	case pagePart:
		return []rule{{"Page", "PageRes", "", resourcePart}}
	case resourcePart:
		return []rule{{"MultiMedia", "MediaFile", "", plainPart}, {"Font", "FontFile", "", plainPart}, {"ColorSpaces", "ColorSpace", "Profile", plainPart}}
	case annotationsPart:
		return []rule{{"Page", "FileLoc", "", annotationPart}}
	case attachmentsPart:
		return []rule{{"Attachment", "FileLoc", "", plainPart}}
	case tagsPart:
		return []rule{{"CustomTag", "FileLoc", "", plainPart}, {"CustomTag", "SchemaLoc", "", plainPart}}
	case extensionsPart:
		return []rule{{"Extension", "ExtendData", "", plainPart}}
	case versionPart:
		return []rule{{"FileList", "File", "", plainPart}, {"DocVersion", "DocRoot", "", documentPart}}
	}
	return nil
}

// isRoot reports whether a part of the kind may have such a root element.
func (k partKind) isRoot(name string) bool {
	want := [...]string{"", "Document", "Page", "Res", "Annotations", "PageAnnot", "Attachments", "CustomTags", "Extensions", "DocVersion"}[k]
	return want == "" || name == want
}
