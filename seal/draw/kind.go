package draw

// Kind says what a seal is for, and so how it looks.
type Kind string

// The kinds, as 国办发〔2025〕33号 article 3 groups them: seals of the legal name, of inner departments and branches, for a business purpose, and of persons.
const (
	Agency               Kind = "agency"                 // 机关印章: round, 42 mm or as its Level says, star or emblem
	Institution          Kind = "institution"            // 事业单位印章: round, 42 mm, star
	Society              Kind = "society"                // 社会团体印章: round, 42 mm, star
	PrivateNonEnterprise Kind = "private-non-enterprise" // 民办非企业单位（社会服务机构）印章: round, 42 mm, star
	LegalName            Kind = "legal-name"             // 法定名称章 of enterprises: round, 40 mm, star
	ForeignInvested      Kind = "foreign-invested"       // 外商投资企业法定名称章: ellipse of 45 × 30 mm, no star
	Department           Kind = "department"             // 内设机构章: round, 38 mm, star, the department (Purpose) below it
	Branch               Kind = "branch"                 // 分支机构章: round, 40 mm, star, the branch below it where the name lacks it
	Business             Kind = "business"               // 业务专用章: round, 38 mm, star, the purpose below it
	Finance              Kind = "finance"                // 财务专用章: round, 38 mm, star, purpose below it
	Contract             Kind = "contract"               // 合同专用章: round, 38 mm, star, purpose below it
	Invoice              Kind = "invoice"                // 发票专用章: ellipse of 40 × 30 mm, taxpayer's number across
	LegalRepresentative  Kind = "legal-representative"   // 法定代表人名章: square, 20 mm
	Personal             Kind = "personal"               // 个人名章: square, 18 mm
)

// Kinds returns all kinds, in the order of the constants.
func Kinds() []Kind {
	return []Kind{
		Agency, Institution, Society, PrivateNonEnterprise, LegalName, ForeignInvested, Department, Branch,
		Business, Finance, Contract, Invoice, LegalRepresentative, Personal,
	}
}

// Level is the rank of an agency, which settles diameter and centre of its seal (国发〔1999〕25号).
type Level string

// The levels. An institution directly under the State Council with administrative functions is a Ministry or a ViceMinistry, one without an
// AffiliatedInstitution or a ViceAffiliatedInstitution.
const (
	StateCouncil              Level = "state-council"               // 国务院: 60 mm, emblem
	Province                  Level = "province"                    // 省、自治区、直辖市政府，国务院办公厅: 50 mm, emblem
	Ministry                  Level = "ministry"                    // 部委，部级直属、办事机构: 50 mm, emblem
	ViceMinistry              Level = "vice-ministry"               // 副部级直属、办事机构: 45 mm, emblem
	NationalBureau            Level = "national-bureau"             // 部委管理的国家局: 45 mm, emblem
	AffiliatedInstitution     Level = "affiliated-institution"      // 部级直属事业单位: 50 mm, star
	ViceAffiliatedInstitution Level = "vice-affiliated-institution" // 副部级直属事业单位: 45 mm, star
	Coordination              Level = "coordination"                // 国务院议事协调机构和临时机构: 50 mm, star
	NationalUnit              Level = "national-unit"               // 部委外事司局，冠“中华人民共和国”“国家”的单位: 42 mm, emblem
	County                    Level = "county"                      // 自治州、市、县、市辖区政府: 45 mm, emblem
	PrefecturalOffice         Level = "prefectural-office"          // 行政公署: 45 mm, star
	Town                      Level = "town"                        // 乡、民族乡、镇政府: 42 mm, emblem
	Subordinate               Level = "subordinate"                 // 内设机构、直属单位: at most 45 mm, here 42 mm unless said otherwise, star
)

// Levels returns all levels, in the order of the constants.
func Levels() []Level {
	return []Level{
		StateCouncil, Province, Ministry, ViceMinistry, NationalBureau, AffiliatedInstitution, ViceAffiliatedInstitution, Coordination,
		NationalUnit, County, PrefecturalOffice, Town, Subordinate,
	}
}

// rank is what a level settles.
type rank struct {
	diameter float64 // mm
	emblem   bool
	upTo     float64 // mm; above zero where diameter is only the usual one and another up to here will do
}

func rankOf(l Level) (rank, bool) {
	switch l {
	case StateCouncil:
		return rank{60, true, 0}, true
	case Province, Ministry:
		return rank{50, true, 0}, true
	case ViceMinistry, NationalBureau, County:
		return rank{45, true, 0}, true
	case NationalUnit, Town:
		return rank{42, true, 0}, true
	case AffiliatedInstitution, Coordination:
		return rank{50, false, 0}, true
	case ViceAffiliatedInstitution, PrefecturalOffice:
		return rank{45, false, 0}, true
	case Subordinate:
		return rank{42, false, 45}, true
	}
	return rank{}, false
}

// form is the shape that kinds share.
type form uint8

const (
	formRound form = iota
	formOval
	formInvoice
	formName // square or rectangular, characters in columns or in a row
)

// usual holds a kind's measures, mm; purpose is its default purpose.
type usual struct {
	form                        form
	width, height, border, star float64
	purpose                     string
}

func usualOf(k Kind) (usual, bool) {
	switch k {
	case Agency, Institution, Society, PrivateNonEnterprise:
		return usual{formRound, 42, 42, 1.0, 14, ""}, true
	case LegalName, Branch:
		return usual{formRound, 40, 40, 1.2, 14, ""}, true
	case ForeignInvested:
		return usual{formOval, 45, 30, 1.2, 0, ""}, true
	case Department, Business:
		return usual{formRound, 38, 38, 1.0, 11, ""}, true
	case Finance:
		return usual{formRound, 38, 38, 1.0, 11, "财务专用章"}, true
	case Contract:
		return usual{formRound, 38, 38, 1.0, 11, "合同专用章"}, true
	case Invoice:
		return usual{formInvoice, invoiceWidth, invoiceHeight, invoiceBorder, 0, "发票专用章"}, true
	case LegalRepresentative:
		return usual{formName, 20, 20, 1.0, 0, ""}, true
	case Personal:
		return usual{formName, 18, 18, 0.9, 0, ""}, true
	}
	return usual{}, false
}

// Usual returns the diameter of a level's seals, mm, and whether an emblem stands in their centre; ok is false for a level that does not exist.
func (l Level) Usual() (diameter float64, emblem, ok bool) {
	r, ok := rankOf(l)
	return r.diameter, r.emblem, ok
}
