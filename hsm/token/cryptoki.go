package token

import "fmt"

// The names of PKCS#11 v2.40 (OASIS, Base Specification and Current Mechanisms), as far as the token speaks of them. CK_ULONG is 64 bits here.

// rv is a CK_RV.
type rv uint32

const (
	rvOK                         rv = 0x000
	rvHostMemory                 rv = 0x002
	rvGeneralError               rv = 0x005
	rvArgumentsBad               rv = 0x007
	rvAttributeReadOnly          rv = 0x010
	rvAttributeSensitive         rv = 0x011
	rvAttributeTypeInvalid       rv = 0x012
	rvAttributeValueInvalid      rv = 0x013
	rvActionProhibited           rv = 0x01B
	rvDataInvalid                rv = 0x020
	rvDataLenRange               rv = 0x021
	rvDeviceError                rv = 0x030
	rvDeviceMemory               rv = 0x031
	rvEncryptedDataInvalid       rv = 0x040
	rvFunctionNotSupported       rv = 0x054
	rvKeyHandleInvalid           rv = 0x060
	rvKeySizeRange               rv = 0x062
	rvKeyTypeInconsistent        rv = 0x063
	rvKeyFunctionNotPermitted    rv = 0x068
	rvMechanismInvalid           rv = 0x070
	rvMechanismParamInvalid      rv = 0x071
	rvObjectHandleInvalid        rv = 0x082
	rvOperationActive            rv = 0x090
	rvOperationNotInitialized    rv = 0x091
	rvPinIncorrect               rv = 0x0A0
	rvPinInvalid                 rv = 0x0A1
	rvPinLenRange                rv = 0x0A2
	rvPinLocked                  rv = 0x0A4
	rvSessionClosed              rv = 0x0B0
	rvSessionCount               rv = 0x0B1
	rvSessionHandleInvalid       rv = 0x0B3
	rvSessionParallel            rv = 0x0B4
	rvSessionReadOnly            rv = 0x0B5
	rvSessionExists              rv = 0x0B6
	rvSessionReadOnlyExists      rv = 0x0B7
	rvSessionReadWriteSOExists   rv = 0x0B8
	rvSignatureInvalid           rv = 0x0C0
	rvSignatureLenRange          rv = 0x0C1
	rvTemplateIncomplete         rv = 0x0D0
	rvTemplateInconsistent       rv = 0x0D1
	rvUserAlreadyLoggedIn        rv = 0x100
	rvUserNotLoggedIn            rv = 0x101
	rvUserPinNotInitialized      rv = 0x102
	rvUserTypeInvalid            rv = 0x103
	rvUserAnotherAlreadyLoggedIn rv = 0x104
	rvRandomSeedNotSupported     rv = 0x120
	rvDomainParamsInvalid        rv = 0x130
	rvCurveNotSupported          rv = 0x140
	rvFunctionRejected           rv = 0x200
)

func (r rv) Error() string { return fmt.Sprintf("CKR 0x%X", uint32(r)) }

// Users of C_Login.
const (
	ckuSO      = 0
	ckuUser    = 1
	ckuContext = 2
	noUser     = ^uint64(0)
)

// Object classes.
const (
	ckoData        = 0
	ckoCertificate = 1
	ckoPublicKey   = 2
	ckoPrivateKey  = 3
)

// Key types; that of SM2 is the face's.
const (
	ckkRSA = 0
	ckkEC  = 3
)

// Attributes.
const (
	ckaClass             = 0x000
	ckaToken             = 0x001
	ckaPrivate           = 0x002
	ckaLabel             = 0x003
	ckaApplication       = 0x010
	ckaValue             = 0x011
	ckaObjectID          = 0x012
	ckaCertificateType   = 0x080
	ckaIssuer            = 0x081
	ckaSerialNumber      = 0x082
	ckaTrusted           = 0x086
	ckaKeyType           = 0x100
	ckaSubject           = 0x101
	ckaID                = 0x102
	ckaSensitive         = 0x103
	ckaEncrypt           = 0x104
	ckaDecrypt           = 0x105
	ckaWrap              = 0x106
	ckaUnwrap            = 0x107
	ckaSign              = 0x108
	ckaSignRecover       = 0x109
	ckaVerify            = 0x10A
	ckaVerifyRecover     = 0x10B
	ckaDerive            = 0x10C
	ckaModulus           = 0x120
	ckaModulusBits       = 0x121
	ckaPublicExponent    = 0x122
	ckaPrivateExponent   = 0x123
	ckaCoefficient       = 0x128
	ckaPublicKeyInfo     = 0x129
	ckaExtractable       = 0x162
	ckaLocal             = 0x163
	ckaNeverExtractable  = 0x164
	ckaAlwaysSensitive   = 0x165
	ckaKeyGenMechanism   = 0x166
	ckaModifiable        = 0x170
	ckaCopyable          = 0x171
	ckaDestroyable       = 0x172
	ckaECParams          = 0x180
	ckaECPoint           = 0x181
	ckaAlwaysAuth        = 0x202
	ckaWrapWithTrusted   = 0x210
	ckaHolder            = faceBase + 0x40 // of this token: the public key (SubjectPublicKeyInfo) of whoever must authorise each signature
	unavailableAttribute = ^uint32(0)
)

// Mechanisms of the standard.
const (
	ckmRSAKeyGen     = 0x0000
	ckmRSA           = 0x0001
	ckmSHA256RSA     = 0x0040
	ckmSHA256        = 0x0250
	ckmECKeyGen      = 0x1040
	ckmECDSA         = 0x1041
	ckmECDSASHA256   = 0x1044
	ckfHW            = 0x00000001
	ckfSign          = 0x00000800
	ckfVerify        = 0x00002000
	ckfDecrypt       = 0x00000200
	ckfDigest        = 0x00000400
	ckfGenerateKeys  = 0x00010000
	ckfECFP          = 0x00100000
	ckfECNamedCurve  = 0x00800000
	ckfECUncompress  = 0x01000000
	ckfSerialSession = 4
	ckfRWSession     = 2
)

// Flags of CK_TOKEN_INFO.
const (
	ckfRNG             = 0x00000001
	ckfLoginRequired   = 0x00000004
	ckfUserPinSet      = 0x00000008
	ckfInitialized     = 0x00000400
	ckfUserPinCountLow = 0x00010000
	ckfUserPinFinalTry = 0x00020000
	ckfUserPinLocked   = 0x00040000
	ckfSOPinCountLow   = 0x00100000
	ckfSOPinFinalTry   = 0x00200000
	ckfSOPinLocked     = 0x00400000
)

// States of CK_SESSION_INFO.
const (
	cksROPublic = 0
	cksROUser   = 1
	cksRWPublic = 2
	cksRWUser   = 3
	cksRWSO     = 4
)
