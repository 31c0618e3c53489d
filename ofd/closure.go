package ofd

import "fmt"

// closure is all that showing a document uses: what its DocRoot leads to, step by step.
type closure struct {
	roles map[*entry]string // what each part is used as
	parts []*entry          // in the order they were reached
	err   error             // that something in it cannot be read, so that nobody knows what it leads to
}

// use notes that a part is used, and reports whether that was new.
func (c *closure) use(e *entry, role string) bool {
	if _, known := c.roles[e]; known {
		return false
	}
	c.roles[e] = role
	c.parts = append(c.parts, e)
	return true
}

// closure follows a document once.
func (d *Document) closure(b *body) *closure {
	if b.reach != nil {
		return b.reach
	}
	c := &closure{roles: map[*entry]string{}}
	b.reach = c
	work := []*scan{b.about}
	c.use(b.about.e, documentPart.role())
	follow := func(by *entry, from string, l link) error {
		e, err := d.follow(by, from, l)
		if e == nil || err != nil {
			return err
		}
		c.use(e, l.to.role())
		if len(l.to.rules()) > 0 {
			work = append(work, d.scanOf(e, l.to))
		}
		return nil
	}
	for _, l := range b.extra {
		if c.err = follow(d.main.e, "", l); c.err != nil {
			return c
		}
	}
	done := map[*scan]bool{}
	for len(work) > 0 {
		s := work[0]
		if work = work[1:]; done[s] {
			continue
		}
		done[s] = true
		if _, err := d.seen(s.e, s.kind); err != nil {
			c.err = err
			return c
		}
		for _, l := range s.links {
			if c.err = follow(s.e, s.from, l); c.err != nil {
				return c
			}
		}
		if s.kind == documentPart {
			if c.err = d.checkTemplates(s); c.err != nil {
				return c
			}
		}
	}
	return c
}

// follow finds the part a link leads to. Nil is a part that is not there: nothing is shown of it, and should it be added it is one that no signature covers.
// A part that is there under a name that differs in case or encoding only is taken, since some readers do, and noted.
func (d *Document) follow(by *entry, from string, l link) (*entry, error) {
	path, why := resolve(from, l.loc)
	if why != "" {
		return nil, broken(display(by.name), 0, "%s: %.100q", why, l.loc)
	}
	if path == from {
		return nil, nil // an empty path
	}
	if e := d.zip.find(path); e != nil {
		return e, nil
	}
	if e := d.zip.loose(path); e != nil {
		d.note("name-case", fmt.Sprintf("%s, named %s in %s", display(e.name), path, display(by.name)))
		return e, nil
	}
	d.note("part-missing", fmt.Sprintf("%s, named in %s", path, display(by.name)))
	return nil, nil
}

// checkTemplates finds templates that use one another in a circle (GB/T 33190, 7.6 and 7.7).
func (d *Document) checkTemplates(doc *scan) error {
	uses := map[string][]string{}
	by := map[string]*entry{}
	for _, l := range doc.links {
		if !l.template {
			continue
		}
		e, err := d.follow(doc.e, doc.from, l)
		if err != nil {
			return err
		}
		if e == nil {
			continue
		}
		s, err := d.seen(e, pagePart)
		if err != nil {
			return err
		}
		if other := by[l.id]; other != nil && other != e {
			return broken(display(doc.e.name), 0, "two templates have the ID %.20q", l.id)
		}
		uses[l.id], by[l.id] = s.templates, e
	}
	const entered, left = 1, 2
	state := map[string]int{}
	for id := range uses {
		stack := []string{id}
		for len(stack) > 0 {
			top := stack[len(stack)-1]
			if state[top] != 0 {
				state[top] = left
				stack = stack[:len(stack)-1]
				continue
			}
			state[top] = entered
			for _, next := range uses[top] {
				if state[next] == entered {
					return broken(display(by[top].name), 0, "templates use one another in a circle")
				}
				if state[next] == 0 {
					stack = append(stack, next)
				}
			}
		}
	}
	return nil
}
