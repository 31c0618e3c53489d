/* The function list of the witness: included by witness.c. What it does not do answers so. */

static CK_RV unsupported(void) { return CKR_FUNCTION_NOT_SUPPORTED; }

static CK_FUNCTION_LIST functions;

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
	void **entry = (void **)((char *)&functions + offsetof(CK_FUNCTION_LIST, C_Initialize));
	while ((char *)entry < (char *)(&functions + 1)) *entry++ = (void *)unsupported;
	functions.version.major = 2;
	functions.version.minor = 40;
#define IS(name) functions.name = name##_
	IS(C_Initialize);
	IS(C_Finalize);
	IS(C_GetInfo);
	functions.C_GetFunctionList = C_GetFunctionList;
	IS(C_GetSlotList);
	IS(C_GetSlotInfo);
	IS(C_GetTokenInfo);
	IS(C_GetMechanismList);
	IS(C_OpenSession);
	IS(C_CloseSession);
	IS(C_GetSessionInfo);
	IS(C_Login);
	IS(C_FindObjectsInit);
	IS(C_FindObjects);
	IS(C_FindObjectsFinal);
	IS(C_GetAttributeValue);
	IS(C_GenerateKeyPair);
	IS(C_DestroyObject);
	IS(C_SignInit);
	IS(C_Sign);
	*list = &functions;
	return CKR_OK;
}
