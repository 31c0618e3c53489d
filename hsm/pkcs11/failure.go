package pkcs11

import (
	"fmt"

	"yinxin/fault"
)

// Class is what went wrong, as metrics count it. It is also the code of the error without "hsm-".
type Class string

// The classes. The first three are no answer: the driver brings the token back and repeats. The rest is for people.
const (
	Answered      Class = ""
	Lost          Class = "lost"            // the session, the login or the device is gone
	Removed       Class = "removed"         // the token is not there
	Hung          Class = "hung"            // a call did not return in time
	Busy          Class = "sessions"        // the token has no session left
	PINWrong      Class = "pin-wrong"       // refused; it is not sent again
	PINLocked     Class = "pin-locked"      // by the token
	PINLastTry    Class = "pin-last-try"    // one more wrong PIN locks the token, so none is sent
	PINMissing    Class = "pin-missing"     // the token wants one and none is configured
	TokenChanged  Class = "token-changed"   // another token has taken the name
	TokenTwice    Class = "token-ambiguous" // several tokens have the name
	Unauthorised  Class = "authorisation"   // the token did not take the authorisation of a guarded key
	KeyMissing    Class = "key-missing"
	KeyTwice      Class = "key-ambiguous"
	KeyChanged    Class = "key-changed"    // another public key than before, or than configured
	KeyAttributes Class = "key-attributes" // it could leave the token, or does more than sign
	WrongAnswer   Class = "wrong-answer"   // a signature that does not verify
	NoProfile     Class = "profile"        // nothing says how this module speaks SM2
	NoModule      Class = "module"         // the library cannot be loaded
	Refused       Class = "refused"        // any other answer of the token
	Closed        Class = "closed"
)

type sentence struct {
	kind   fault.Kind
	zh, en string
}

// sentences says what is wrong and what to do; what it is about stands before it.
func sentences() map[Class]sentence {
	return map[Class]sentence{
		Lost:          {fault.Unavailable, "与密码设备的会话断开，未能恢复：请检查设备与网络", "the session with the device is lost and did not come back: check the device and the network"},
		Removed:       {fault.Unavailable, "找不到这个令牌：请检查设备是否在线、配置中的标签或序列号是否正确", "the token is not there: check that the device is on, and the label or serial in the configuration"},
		Hung:          {fault.Unavailable, "密码设备在时限内没有应答：请检查设备；卡住的调用过多时不再发出新的调用", "the device did not answer in time: check it; with too many calls stuck no more are made"},
		Busy:          {fault.Unavailable, "令牌的会话已用尽：减少配置中的 sessions，或关闭其他占用会话的程序", "the token has no session left: lower sessions in the configuration, or close other programs that hold some"},
		PINWrong:      {fault.Denied, "令牌口令不正确，没有再试：更正口令后会自动继续", "the PIN is wrong and was not tried again: correct it, and work goes on by itself"},
		PINLocked:     {fault.Unavailable, "令牌口令已锁定：请由安全管理员解锁", "the PIN is locked: the security officer has to unlock it"},
		PINLastTry:    {fault.Unavailable, "令牌口令只剩最后一次机会，为免锁定没有登录：请先用厂商工具成功登录一次", "one more wrong PIN locks the token, so none was sent: log in once with the vendor's tool first"},
		PINMissing:    {fault.Invalid, "令牌要求登录，而配置中没有 pin", "the token wants a login and the configuration has no pin"},
		TokenChanged:  {fault.Unavailable, "同名令牌的序列号变了，已拒绝使用：若确已更换设备，请核对密钥后重新启动", "another token has taken the name (its serial differs) and is not used: if the device was replaced, check its keys and start anew"},
		TokenTwice:    {fault.Conflict, "有多个令牌叫这个名称：请在配置中写明 serial", "several tokens have this name: give the serial in the configuration"},
		Unauthorised:  {fault.Denied, "令牌没有接受这次授权，没有签名：请取得新的授权再试", "the token did not take the authorisation, and nothing was signed: get a fresh one and try again"},
		KeyMissing:    {fault.NotFound, "令牌中没有这把密钥", "the token has no such key"},
		KeyTwice:      {fault.Conflict, "有多把密钥符合：请用 id 指明一把", "several keys match: name one by its id"},
		KeyChanged:    {fault.Denied, "密钥的公钥与原来的不同，已拒绝使用：它可能被替换", "the key's public half is not what it was, so it is refused: it may have been replaced"},
		KeyAttributes: {fault.Denied, "密钥的属性不符合要求，已拒绝使用", "the key's attributes are not what they must be, so it is refused"},
		WrongAnswer:   {fault.Unavailable, "密码设备给出的签名核验不通过，已丢弃：厂商配置不对，或设备有故障", "the device answered with a signature that does not verify, which was dropped: the profile is wrong, or the device is faulty"},
		NoProfile:     {fault.Invalid, "不知道这个模块怎样做 SM2：请在配置中写明 profile", "nothing says how this module does SM2: name a profile in the configuration"},
		NoModule:      {fault.Unavailable, "厂商库不能加载", "the vendor's library cannot be loaded"},
		Refused:       {fault.Unavailable, "密码设备拒绝了操作", "the device refused the operation"},
		Closed:        {fault.Unavailable, "密钥已关闭，请重新打开", "the key was closed; open it again"},
	}
}

// failure is an error with its class. about names the token or key; detail, which may be empty, what exactly is wrong.
type failure struct {
	class  Class
	about  string
	detail string
	err    error
}

func (f *failure) Error() string { return f.public().Error() }

// Unwrap gives the failure as people read it, with its kind, and the cause.
func (f *failure) Unwrap() error { return f.public() }

func (f *failure) public() *fault.Error {
	s, ok := sentences()[f.class]
	if !ok {
		s = sentences()[Refused]
	}
	cause := f.err
	if f.detail != "" {
		cause = detailed{f.detail, f.err}
	}
	return fault.New(s.kind, "hsm-"+string(f.class), fmt.Sprintf("%s：%s", f.about, s.zh), fmt.Sprintf("%s: %s", f.about, s.en), cause)
}

// detailed puts what exactly is wrong before its cause.
type detailed struct {
	text string
	err  error
}

func (d detailed) Error() string {
	if d.err == nil {
		return d.text
	}
	return d.text + ": " + d.err.Error()
}

func (d detailed) Unwrap() error { return d.err }
