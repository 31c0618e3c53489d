package token

import (
	"reflect"
	"testing"

	"yinxin/hsm/profile"
)

// faces are all there are.
func faces(t *testing.T) []Face {
	t.Helper()
	all := []Face{Own()}
	for _, v := range vendors() {
		f, err := Pose(v.name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	return all
}

// What a driver with a vendor's profile looks for is what the token shows: it takes the pose for that vendor, and finds the numbers of its own face.
func TestFacesAndProfiles(t *testing.T) {
	for _, f := range faces(t) {
		p, err := profile.Load(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if !p.Matches(f.Manufacturer, f.Library, "1.0") {
			t.Errorf("%s, %s is not taken for %s", f.Manufacturer, f.Library, f.Name)
		}
	}
	own := Own()
	p, err := profile.Load(own.Name)
	if err != nil {
		t.Fatal(err)
	}
	profiled := vendor{name: own.Name, manufacturer: own.Manufacturer, library: own.Library}.face(p)
	own.ECParams = true            // the driver names the curve, the token can do without
	own.Sign[1].Over = messageOnly // the token takes a user ID too
	if !reflect.DeepEqual(own, profiled) {
		t.Errorf("the token shows %+v, its profile says %+v", own, profiled)
	}
}
