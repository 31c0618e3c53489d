package verify

import "maps"

// Code names one thing a check can find. Seal codes follow the steps of GB/T 38540 and GM/T 0031; a code never changes its meaning.
type Code string

// rule is what a code weighs and how it is said. The sentences take the arguments of the finding in order. Who made a signature is called 签章人 here,
// and 签名人 where it is said of a signature without a seal.
type rule struct {
	about   aspect
	level   Level
	verdict Verdict // for level Fail
	sub     Sub
	what    Text // what was found
	next    Text // what to do about it; zero where nothing can be done, or need be
}

// lenient are the codes that IntegrityOnlyUnsafe lowers to a warning: they speak of what a signature is worth, not of whether its bytes are those
// signed.
var lenient = map[Code]bool{"ALGORITHM_WEAK": true, "ATTRIBUTES_ABSENT": true}

// aspect is the question a code belongs to. The four are reported apart: intact bytes say nothing of whose they are.
type aspect uint8

const (
	integrity   aspect = iota // is it what was signed, with the seal it shows?
	certificate               // may the certificates and the seal be used for this, and when?
	identity                  // does a chain end at somebody trusted here?
	revocation                // was a certificate withdrawn?
)

// What to do. One piece of advice serves many codes, and is shown once.
var (
	askOriginal    = Text{"不要使用这份文件，请向签署方索取原始文件。", "Do not rely on this file; ask whoever signed it for the original."}
	askAgain       = Text{"请让签署方重新签署。", "Ask whoever signed it to sign again."}
	askSafer       = Text{"请让签署方改用 SM2、SHA-256 与 2048 位以上的 RSA 等现行算法重新签署；有早于该日期的可信时间证明时另行判断。", "Ask whoever signed it to sign again with a present algorithm, such as SM2, or SHA-256 with RSA of 2048 bits or more; proof that the signature is older than that date would change this."}
	askMaker       = Text{"不要相信这枚印章，请向制章者核实。", "Do not trust this seal; ask its maker."}
	askMakerNew    = Text{"请让制章者重新制作印章。", "Ask the maker to make the seal again."}
	askOwner       = Text{"请向印章所属单位核实。", "Ask the body whose seal it is."}
	lookAtIt       = Text{"请人工查看这些改动，并向签署方核实。", "Look at what was changed, and ask whoever signed."}
	useProduct     = Text{"请用生成它的软件核验。", "Verify it with the software that made it."}
	needTime       = Text{"有可信时间戳的签章不受此影响；否则请让签署方重新签署。", "A seal with a trusted time stamp is not affected; otherwise ask whoever signed it to sign again."}
	checkClock     = Text{"请检查本机时钟和核验时间。", "Check this computer's clock and the time of judging."}
	getStatus      = Text{"取得最新的吊销列表放入信任目录的 crl 后再核验。", "Put a fresh revocation list into crl/ of the trust directory and verify again."}
	reachStatus    = Text{"检查网络后再核验，或取得最新的吊销列表放入信任目录的 crl。", "Check the network and verify again, or put a fresh revocation list into crl/ of the trust directory."}
	otherKeyStatus = Text{"向颁发机构核对：吊销列表要从它自己的网址重新取得，信任目录 ca 中要有签发该列表的那张颁发机构证书（可能有同名的另一张）。",
		"Ask the issuer: the list must come anew from its own address, and ca/ of the trust directory must hold the issuer's certificate that signs it (there may be another of the same name)."}
	addSigner    = Text{"核对其指纹后，用 yinxin trust add 证书文件 --dir 信任目录 --use ca 将其加入信任目录再核验。", "Check its fingerprint with its holder, add it with yinxin trust add CERT --dir DIR --use ca, and verify again."}
	addMaker     = Text{"核对其指纹后，用 yinxin trust add 证书文件 --dir 信任目录 --use maker 将其加入信任目录再核验。", "Check its fingerprint with its holder, add it with yinxin trust add CERT --dir DIR --use maker, and verify again."}
	askAuthority = Text{"请向证书的颁发机构核实。", "Ask the authority that issued the certificate."}
)

// rules is the table of everything this package can find.
var rules = together(sealRules, fileRules, tokenRules, standingRules)

func together(tables ...map[Code]rule) map[Code]rule {
	all := map[Code]rule{}
	for _, t := range tables {
		maps.Copy(all, t)
	}
	return all
}

// sealRules is the part that speaks of signatures and seals.
var sealRules = map[Code]rule{
	"SIG_FORMAT": {integrity, Fail, Failed, SubFormat,
		Text{"签名的结构有错误，无法核验。", "The signature is malformed and cannot be verified."}, askOriginal},
	"FILE_DEVIATES": {integrity, Warn, "", "",
		Text{"文件的结构有不合规范之处，个别阅读器的显示可能不同。", "The file's structure departs from the standard, so a few readers may show it differently."},
		Text{"请用两种阅读器对照查看。", "Compare it in two readers."}},
	"SIG_VERSION": {integrity, Fail, Failed, SubFormat,
		Text{"签章与其中印章的版本不一致。", "The signature and the seal inside it are of different generations."}, askOriginal},
	"PROFILE_UNSUPPORTED": {integrity, Fail, Indeterminate, SubNotJudged,
		Text{"这种签名（%s）本版本不能核验，因此不作结论。", "Signatures of this kind (%s) are not judged by this version, so there is no conclusion."}, useProduct},
	"FORMAT_DEPRECATED": {certificate, Warn, "", "",
		Text{"这是已废弃的签名方式（%s），现在不应再用。", "This way of signing (%s) is obsolete and should not be used any more."}, askAgain},
	"COVERAGE": {integrity, Fail, Failed, SubFormat,
		Text{"签名没有保护它那一版文件的全部内容，未保护的部分可能被改动过。", "The signature does not protect all of its revision of the file; what is unprotected may have been changed."}, askOriginal},
	"DATA_HASH": {integrity, Fail, Failed, SubHash,
		Text{"文件内容在签名后被改动过。", "The content was changed after signing."}, askOriginal},
	"DATA_UNREADABLE": {integrity, Fail, Failed, SubFormat,
		Text{"被签名保护的内容无法读取，不能核对是否被改动。", "The signed content cannot be read, so whether it was changed cannot be checked."}, askOriginal},
	"SIG_VALUE": {integrity, Fail, Failed, SubCrypto,
		Text{"签名不是由所附证书的持有人对此内容作出的。", "The signature was not made over this content by the holder of the certificate enclosed."}, askOriginal},
	"SIG_ALGORITHM": {integrity, Fail, Failed, SubCrypto,
		Text{"签名所写的各个算法互相矛盾。", "The algorithms that the signature names contradict one another."}, askOriginal},
	"ALGORITHM_UNKNOWN": {integrity, Fail, Indeterminate, SubCryptoAge,
		Text{"签名使用了本版本不认识或不采用的算法或密钥，无法核验。", "The signature uses an algorithm or a key that is not known or not used here, so it cannot be verified."}, askSafer},
	"SIG_SIGNERS": {integrity, Fail, Failed, SubFormat,
		Text{"一个签名中有 %s 个签章人，应当只有一个。", "One signature holds %s signers; there must be exactly one."}, askOriginal},
	"SIG_LAYOUT": {integrity, Fail, Failed, SubFormat,
		Text{"签名内夹带了不该有的内容，或缺少应有的内容。", "The signature encloses content that does not belong there, or lacks what does."}, askOriginal},
	"ATTRIBUTES_MALFORMED": {integrity, Fail, Failed, SubFormat,
		Text{"签名附带的说明项残缺、重复或与内容不符。", "The signed attributes are incomplete, doubled or at odds with the content."}, askOriginal},
	"ATTRIBUTES_MISSING": {integrity, Fail, Failed, SubConstraints,
		Text{"这类签名必须附带经签名的说明项，此签名没有。", "A signature of this kind must have signed attributes, and this one has none."}, askAgain},
	"ATTRIBUTES_ABSENT": {integrity, Fail, Indeterminate, SubConstraints,
		Text{"签名没有附带经签名的说明项，内容虽然相符，但不足以作为证明。", "The signature has no signed attributes: the content matches, but that is not enough for a proof."}, askAgain},
	"ATTRIBUTES_OPTIONAL": {integrity, Warn, "", "",
		Text{"签名没有附带经签名的说明项；这类签名允许如此。", "The signature has no signed attributes, which signatures of this kind may leave out."}, Text{}},
	"SIGNING_CERTIFICATE": {integrity, Fail, Failed, SubConstraints,
		Text{"签名指明的是另一张签章人证书，所附证书可能被替换。", "The signature names another certificate of its signer; the one enclosed may have been exchanged."}, askOriginal},
	"SIGNING_CERTIFICATE_MISSING": {integrity, Fail, Failed, SubConstraints,
		Text{"这类签名必须指明签章人的证书，此签名没有指明。", "A signature of this kind must name its signer's certificate, and this one does not."}, askAgain},
	"SIGNING_CERTIFICATE_ABSENT": {integrity, Warn, "", "",
		Text{"签名没有指明签章人的证书，同一密钥的另一张证书也能与它相配。", "The signature does not name its signer's certificate: another certificate of the same key would fit it too."}, Text{}},
	"SIG_ENCODING": {integrity, Inform, "", "",
		Text{"签名的编码与规范有出入，已按收到的字节核验。", "The encoding of the signature deviates from the rules; it was judged as received."}, Text{}},
	"SIG_PROPERTY": {integrity, Fail, Failed, SubFormat,
		Text{"签章记载的保护范围与文件不符。", "The protected range recorded in the signature is not that of the file."}, askOriginal},
	"SIG_PROPERTY_FOREIGN": {integrity, Inform, "", "",
		Text{"签章记载的保护范围采用其他产品的写法，未作比对。", "The protected range is written in another product's way and was not compared."}, Text{}},
	"SEAL_FORMAT": {integrity, Fail, Failed, SubFormat,
		Text{"印章的结构有错误。", "The seal is malformed."}, askMaker},
	"SEAL_SIGNATURE": {integrity, Fail, Failed, SubCrypto,
		Text{"制章者对印章的签名不正确，印章可能是伪造的。", "The maker's signature on the seal is wrong; the seal may be forged."}, askMaker},
	"SEAL_CREATE_TIME": {certificate, Fail, Failed, SubConstraints,
		Text{"印章的制作时间 %s 不可信：%s。", "The seal's creation time %s cannot be right: %s."}, askMaker},
	"EXTENSION_CRITICAL": {integrity, Fail, Indeterminate, SubConstraints,
		Text{"印章或签章带有必须理解而本版本不认识的扩展项。", "The seal or the signature has extensions that must be understood and are not known here."}, useProduct},
	"SEAL_STORED": {integrity, Fail, Failed, SubConstraints,
		Text{"文件中另存的印章与签章内的印章不同。", "The seal stored beside the signature is not the one inside it."}, askOriginal},
	"SIGNER_NOT_IN_SEAL": {certificate, Fail, Failed, SubConstraints,
		Text{"签章人的证书不在印章的证书列表中，无权使用这枚印章。", "The signer's certificate is not in the seal's list: the signer may not use this seal."}, askOwner},
	"SIGNER_LIST": {certificate, Fail, Failed, SubConstraints,
		Text{"印章的证书列表无法核对，不知道签章人是否有权使用这枚印章。", "The seal's list of signers cannot be checked, so whether the signer may use this seal is not known."}, askMakerNew},
	"SIGNER_KEY_USAGE": {certificate, Fail, Failed, SubChainRules,
		Text{"签章人的证书不允许用于签名。", "The signer's certificate may not be used for signing."}, askAgain},
	"MAKER_KEY_USAGE": {certificate, Fail, Failed, SubChainRules,
		Text{"制章者的证书不允许用于签名。", "The maker's certificate may not be used for signing."}, askMakerNew},
	"NO_CERTIFICATE": {certificate, Fail, Failed, SubNoCertificate,
		Text{"签名中没有可用的签章人证书，无法核验。", "The signature holds no usable certificate of its signer and cannot be verified."}, askAgain},
	"MAKER_CERTIFICATE": {certificate, Fail, Failed, SubNoCertificate,
		Text{"印章中制章者的证书无法读取。", "The maker's certificate in the seal cannot be read."}, askMakerNew},
	"PICTURE_DIFFERS": {integrity, Fail, Failed, SubConstraints,
		Text{"页面上显示的图像不是印章里的图像。", "The picture shown on the page is not the picture in the seal."}, askOriginal},
	"PICTURE_NOT_COMPARED": {integrity, Fail, Indeterminate, SubConstraints,
		Text{"页面上显示的图像无法与印章里的图像比对。", "The picture shown on the page could not be compared with the one in the seal."}, useProduct},
	"PICTURE_INVISIBLE": {integrity, Inform, "", "",
		Text{"这枚签章在页面上不可见。", "This seal shows nothing on the page."}, Text{}},
	"PICTURE_ENCODING": {integrity, Inform, "", "",
		Text{"页面上的印章图像与印章内的图像看上去相同，编码不同。", "The picture shown looks as the one in the seal does, encoded otherwise."}, Text{}},
	"PICTURE_SCALED": {integrity, Warn, "", "",
		Text{"页面上的印章与印章规定的大小不同。", "The seal is not shown at its own size."}, Text{}},
	"PICTURE_SLICES": {integrity, Warn, "", "",
		Text{"骑缝章的各条合不成完整的印章：%s。", "The slices of the riding seal do not add up to the whole seal: %s."},
		Text{"请核对是否有页面在签署前被抽换。", "Check whether a page was taken out or put in before it was signed."}},
	"CHANGED": {integrity, Fail, Failed, SubFormat,
		Text{"签名之后文件又被改动：%s。", "The file was changed after this signature: %s."}, askOriginal},
	"CHANGED_FORBIDDEN": {integrity, Fail, Failed, SubFormat,
		Text{"签名之后文件又被改动，而签署时已声明不允许这样的改动：%s。", "The file was changed after this signature in a way that was forbidden when it was signed: %s."}, askOriginal},
	"CHANGED_LOCKED": {integrity, Fail, Failed, SubFormat,
		Text{"签名之后，签署时锁定的内容又被改动：%s。", "What was locked when it was signed was changed after this signature: %s."}, askOriginal},
	"CHANGED_OVER_SEAL": {integrity, Fail, Failed, SubFormat,
		Text{"签名之后加入的批注盖住了签章的位置：%s。", "A note that was added after this signature covers the place of a seal or signature: %s."}, askOriginal},
	"CHANGED_ANNOTATION": {integrity, Fail, Indeterminate, SubConstraints,
		Text{"签名之后加入或改动了批注，机器不能判断是否改变了文件的意思：%s。", "Notes were added or changed after this signature, and whether they alter what the document says cannot be told by a machine: %s."}, lookAtIt},
	"CHANGED_ANNOTATION_PERMITTED": {integrity, Warn, "", "",
		Text{"签名之后加入或改动了批注，签署时已声明允许：%s。", "Notes were added or changed after this signature, as was permitted when it was signed: %s."}, lookAtIt},
	"CHANGED_FORM": {integrity, Warn, "", "",
		Text{"此签名之后又填写了表单：%s。", "The form was filled in after this signature: %s."},
		Text{"请留意哪些内容是签名之后填写的。", "Mind what was filled in after it was signed."}},
	"CHANGED_SIGNATURE": {integrity, Warn, "", "",
		Text{"此签名之后又加入了签名：%s。", "Signatures were added after this one: %s."}, Text{}},
	"CHANGED_SIGNATURE_OVERLAPS": {integrity, Warn, "", "",
		Text{"此签名之后加入的签章或表单内容与已有签章的位置重叠：%s。", "A signature or form entry added after this one overlaps the place of an earlier one: %s."},
		Text{"请查看被遮住的签章。", "Look at what it covers."}},
	"CHANGED_METADATA": {integrity, Inform, "", "",
		Text{"此签名之后更新了文件的描述信息或版本说明，内容未变。", "The document's description or its version was updated after this signature, and no content."}, Text{}},
	"CHANGED_IDENTIFIER": {integrity, Inform, "", "",
		Text{"此签名之后文件的标识号被更换，内容未变。", "The file was given another identifier after this signature, and no other content."}, Text{}},
	"CHANGED_EVIDENCE": {integrity, Inform, "", "",
		Text{"此签名之后加入了供长期核验用的资料。", "Evidence for later verification was added after this signature."}, Text{}},
	"CHANGES_UNREADABLE": {integrity, Fail, Failed, SubFormat,
		Text{"签名之后的改动无法判断。", "What changed after this signature cannot be told."}, askOriginal},

	"ALGORITHM_WEAK": {certificate, Fail, Indeterminate, SubCryptoAge,
		Text{"签名使用的 %s 自 %s 起不再能作为证明，也没有证据表明签名在此之前就已存在。", "The signature uses %s, which is no proof since %s, and nothing shows that the signature is older."}, askSafer},
	"SIGNER_UNKNOWN": {identity, Fail, Indeterminate, SubNoChain,
		Text{"本机不认识签章人证书的颁发者“%s”，因此不能确认签章人的身份。", "The issuer of the signer's certificate, “%s”, is unknown here, so the signer's identity is not established."}, addSigner},
	"SIGNER_CHAIN": {identity, Fail, Failed, SubChain,
		Text{"签章人的证书链不正确：%s。", "The chain of the signer's certificate is wrong: %s."}, askAuthority},
	"MAKER_UNKNOWN": {identity, Fail, Indeterminate, SubNoChain,
		Text{"本机不认识制章者证书的颁发者“%s”，因此不能确认印章由合法的制章者制作。", "The issuer of the maker's certificate, “%s”, is unknown here, so the seal's origin is not established."}, addMaker},
	"MAKER_NOT_SET_APART": {identity, Fail, Indeterminate, SubChainRules,
		Text{"信任目录的 maker 与 ca 中是同一个根“%s”：它签发的任何签章人证书都能冒充制章者，因此不能确认印章由谁制作。",
			"maker/ and ca/ of the trust directory hold the same root, “%s”: any signer it certified could have made this seal, so its maker is not established."},
		Text{"请在 maker 中改放制章者自己的证书。", "Put the maker's own certificate into maker/ instead."}},
	"SIGNER_CHAIN_RULE": {identity, Fail, Failed, SubChainRules,
		Text{"签章人的证书违反了颁发机构的限制：%s。", "The signer's certificate breaks a limit set by an authority above it: %s."}, askAuthority},
	"SIGNER_CHAIN_UNDECIDED": {identity, Fail, Indeterminate, SubChain,
		Text{"签章人的证书链本版本不能判断：%s。", "The chain of the signer's certificate cannot be judged here: %s."}, askAuthority},
	"MAKER_CHAIN_RULE": {identity, Fail, Failed, SubChainRules,
		Text{"制章者的证书违反了颁发机构的限制：%s。", "The maker's certificate breaks a limit set by an authority above it: %s."}, askAuthority},
	"MAKER_CHAIN_UNDECIDED": {identity, Fail, Indeterminate, SubChain,
		Text{"制章者的证书链本版本不能判断：%s。", "The chain of the maker's certificate cannot be judged here: %s."}, askAuthority},
	"MAKER_CHAIN": {identity, Fail, Failed, SubChain,
		Text{"制章者的证书链不正确：%s。", "The chain of the maker's certificate is wrong: %s."}, askAuthority},
	"CHAIN_WEAK": {certificate, Fail, Indeterminate, SubCryptoAge,
		Text{"证书链使用的算法已不再安全：%s。", "The certificate chain uses an algorithm that is no longer safe: %s."}, askAuthority},
	"CHAIN_WEAK_PROVEN": {certificate, Fail, Indeterminate, SubCryptoProven,
		Text{"证书链使用的算法在已证明的签署时间之前就不再安全：%s。", "The certificate chain uses an algorithm that was no longer safe at the proven time: %s."}, askAuthority},
	"CHAIN_WEAK_THEN_SAFE": {certificate, Inform, "", "",
		Text{"证书链使用的算法现已不再安全，但在已证明的签署时间仍然安全：%s。", "The certificate chain uses an algorithm that is no longer safe, and was at the proven time: %s."}, Text{}},
	"NO_SIGNING_TIME": {certificate, Inform, "", "",
		Text{"签名没有声称签署时间。", "The signature claims no time."}, Text{}},
	"SIGN_TIME_FUTURE": {certificate, Fail, Indeterminate, SubTimestampOrder,
		Text{"声称的签署时间 %s 晚于核验时间。", "The claimed signing time %s is later than the time of judging."}, checkClock},
	"SIGN_TIME_OUTSIDE_CERT": {certificate, Fail, Failed, SubExpired,
		Text{"声称的签署时间 %s 不在证书“%s”的有效期内。", "The claimed signing time %s is outside the validity of the certificate “%s”."}, askAgain},
	"SIGN_TIME_OUTSIDE_SEAL": {certificate, Fail, Failed, SubExpired,
		Text{"声称的签署时间 %s 不在印章的有效期内（%s 至 %s）。", "The claimed signing time %s is outside the seal's validity (%s to %s)."}, askAgain},
	"REVOKED_BEFORE_SIGNING": {revocation, Fail, Failed, SubRevoked,
		Text{"证书“%s”已于 %s 吊销，不晚于声称的签署时间。", "The certificate “%s” was revoked on %s, not after the claimed signing time."}, askOwner},
	"REVOKED_AFTER_SIGNING": {revocation, Fail, Indeterminate, SubRevokedNoPOE,
		Text{"证书“%s”已于 %s 吊销。声称的签署时间更早，但没有可信时间戳证明。", "The certificate “%s” was revoked on %s. The claimed signing time is earlier, but no trusted time stamp proves it."}, askOwner},
	"REVOKED_CA": {revocation, Fail, Indeterminate, SubRevokedCANoPOE,
		Text{"颁发者证书“%s”已于 %s 吊销，没有可信时间戳证明签名在此之前。", "The issuing certificate “%s” was revoked on %s, and no trusted time stamp proves the signature to be older."}, askAuthority},
	"REVOCATION_UNKNOWN": {revocation, Fail, Indeterminate, SubTryLater,
		Text{"没有证书“%s”的有效吊销信息：%s。", "There is no usable revocation information on the certificate “%s”: %s."}, getStatus},
	"ON_HOLD": {revocation, Fail, Indeterminate, SubTryLater,
		Text{"证书“%s”自 %s 起被暂停使用，是否恢复尚不可知。", "The certificate “%s” is on hold since %s, and whether it comes back is not known yet."},
		Text{"请过些时候取得最新的吊销列表再核验。", "Verify again later with a fresh revocation list."}},
	"REVOKED_AFTER_PROOF": {revocation, Inform, "", "",
		Text{"证书“%s”于 %s 吊销，晚于已证明的签署时间。", "The certificate “%s” was revoked on %s, after the proven time."}, Text{}},
	"REVOCATION_OUT_OF_BOUNDS": {revocation, Fail, Indeterminate, SubRevocationOutOfBounds,
		Text{"证书“%s”的吊销信息由“%s”签发，其证书已于 %s 过期。", "The revocation information on the certificate “%s” was signed by “%s”, whose certificate ended on %s."}, getStatus},
	"EXPIRED_NOT_REVOKED": {certificate, Fail, Indeterminate, SubOutOfBoundsGood,
		Text{"证书“%s”已于 %s 过期，到期前未被吊销，但没有可信时间戳证明签名在到期之前。", "The certificate “%s” expired on %s without having been revoked, and no trusted time stamp proves the signature to be older."}, needTime},
	"CERT_EXPIRED": {certificate, Fail, Indeterminate, SubOutOfBounds,
		Text{"证书“%s”已于 %s 过期，没有可信时间戳证明签名时仍然有效。", "The certificate “%s” expired on %s, and no trusted time stamp proves it was valid when signing."}, needTime},
	"CERT_NOT_YET_VALID": {certificate, Fail, Indeterminate, SubOutOfBounds,
		Text{"证书“%s”要到 %s 才生效。", "The certificate “%s” is valid only from %s."}, checkClock},
	"SEAL_EXPIRED": {certificate, Fail, Indeterminate, SubOutOfBounds,
		Text{"印章已于 %s 过期，没有可信时间戳证明签章时仍然有效。", "The seal expired on %s, and no trusted time stamp proves it was valid when used."}, needTime},
	"SEAL_CREATED_LATER": {certificate, Fail, Indeterminate, SubTimestampOrder,
		Text{"印章的制作时间 %s 晚于核验时间。", "The seal's creation time %s is later than the time of judging."}, checkClock},
	"SEAL_NOT_YET_VALID": {certificate, Fail, Indeterminate, SubOutOfBounds,
		Text{"印章要到 %s 才生效。", "The seal is valid only from %s."}, checkClock},
	"MAKER_EXPIRED": {certificate, Fail, Indeterminate, SubOutOfBounds,
		Text{"制章者的证书“%s”已于 %s 过期，没有可信时间戳证明制章时仍然有效。", "The maker's certificate “%s” expired on %s, and no trusted time stamp proves it was valid when the seal was made."}, askMakerNew},
	"MAKER_TIME_OUTSIDE_CERT": {certificate, Fail, Failed, SubExpired,
		Text{"印章的制作时间 %s 不在制章者证书“%s”的有效期内。", "The seal's creation time %s is outside the validity of the maker's certificate “%s”."}, askMaker},
	"MAKER_REVOKED": {revocation, Fail, Failed, SubRevoked,
		Text{"制章者的证书“%s”已于 %s 吊销，不晚于印章的制作时间。", "The maker's certificate “%s” was revoked on %s, not after the seal was made."}, askMaker},
	"MAKER_REVOKED_LATER": {revocation, Fail, Indeterminate, SubRevokedNoPOE,
		Text{"制章者的证书“%s”已于 %s 吊销。印章声称制作得更早，但没有可信时间戳证明。", "The maker's certificate “%s” was revoked on %s. The seal claims to be older, but no trusted time stamp proves it."}, askMakerNew},
	"MAKER_REVOCATION_UNKNOWN": {revocation, Fail, Indeterminate, SubTryLater,
		Text{"没有制章者证书“%s”的有效吊销信息：%s。", "There is no usable revocation information on the maker's certificate “%s”: %s."}, getStatus},
}
